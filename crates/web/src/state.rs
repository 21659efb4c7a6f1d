//! The state that handlers share.

use std::{ops::Deref, sync::Arc};

use platform::{Services, access_log::AccessLog};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{body::Room, openapi::Document, page::Frames, rates::Rates};

/// The server's state: a handle to be cloned.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    services: Arc<Services>,
    shell: Frames,
    document: Document,
    room: Room,
    rates: Rates,
    ending: watch::Sender<bool>,
    access_log: Arc<AccessLog>,
    afterwards: TaskTracker,
}

impl App {
    /// The state of these parts: what actions need, the frame of pages, and the API's document.
    pub fn new(services: Services, shell: Frames, document: Document) -> Self {
        let (room, rates, ending) = (Room::default(), Rates::default(), watch::Sender::new(false));
        let (services, access_log) = (Arc::new(services), Arc::default());
        let afterwards = TaskTracker::new();
        // A closed one takes further tasks, and can be waited for.
        afterwards.close();
        Self(Arc::new(Parts { services, shell, document, room, rates, ending, access_log, afterwards }))
    }

    /// Tells what would go on for long, such as live streams, that the server stops.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// Turns true when the server stops.
    pub fn ending(&self) -> watch::Receiver<bool> {
        self.0.ending.subscribe()
    }

    /// Does something that the answer doesn't wait for. A stopping server does.
    pub(crate) fn afterwards(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.afterwards.spawn(task);
    }

    /// Waits until what answered requests left to be done is done: refusals noted, sessions touched.
    pub async fn settled(&self) {
        self.0.afterwards.wait().await;
    }

    pub(crate) fn room(&self) -> &Room {
        &self.0.room
    }

    /// How often API keys called lately.
    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// What actions need, for what runs beside the requests.
    pub fn services(&self) -> Arc<Services> {
        self.0.services.clone()
    }

    /// Who opened what, as this process has noted it.
    pub fn access_log(&self) -> &Arc<AccessLog> {
        &self.0.access_log
    }

    /// What surrounds the pages of someone who is signed in.
    pub(crate) fn shell(&self) -> &Frames {
        &self.0.shell
    }

    /// The API's document, made of the route table.
    pub fn document(&self) -> &Document {
        &self.0.document
    }
}

impl Deref for App {
    type Target = Services;
    fn deref(&self) -> &Services {
        &self.0.services
    }
}
