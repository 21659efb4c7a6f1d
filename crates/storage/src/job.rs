//! Work that travels to a worker: the caller's closure and its answer, boxed, so that the engines know one
//! type and are compiled once, however many transactions the slices write.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
};

use kernel::error::{Error, Result};

use crate::Tx;

/// What a job gives back, to be told apart by [`answer`] alone.
pub(crate) type Answer = Box<dyn Any + Send>;
/// A job's work. It stays on the thread where it began, so it need not be `Send`.
pub(crate) type Work<'a> = Pin<Box<dyn Future<Output = Result<Answer>> + 'a>>;

/// Whether a job may change anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// It can't.
    Read,
    /// It can.
    Write,
}

/// A closure on its way.
pub(crate) trait Job: Send {
    /// Begins the work in a transaction. A job for writing may be begun again after it failed.
    fn begin<'a>(&'a mut self, tx: &'a Tx) -> Work<'a>;
}

struct Repeatable<F>(F);

impl<T, F> Job for Repeatable<F>
where
    T: Send + 'static,
    F: AsyncFn(&Tx) -> Result<T> + Send,
{
    fn begin<'a>(&'a mut self, tx: &'a Tx) -> Work<'a> {
        let work = (self.0)(tx);
        Box::pin(async move { work.await.map(boxed) })
    }
}

struct Once<F>(Option<F>);

impl<T, F> Job for Once<F>
where
    T: Send + 'static,
    F: AsyncFnOnce(&Tx) -> Result<T> + Send,
{
    fn begin<'a>(&'a mut self, tx: &'a Tx) -> Work<'a> {
        match self.0.take() {
            Some(work) => Box::pin(async move { work(tx).await.map(boxed) }),
            None => Box::pin(std::future::ready(Err(Error::internal("this read ran already")))),
        }
    }
}

fn boxed<T: Send + 'static>(value: T) -> Answer {
    Box::new(value)
}

/// A job for writing.
pub(crate) fn repeatable<T, F>(work: F) -> Box<dyn Job>
where
    T: Send + 'static,
    F: AsyncFn(&Tx) -> Result<T> + Send + 'static,
{
    Box::new(Repeatable(work))
}

/// A job for reading.
pub(crate) fn once<T, F>(work: F) -> Box<dyn Job>
where
    T: Send + 'static,
    F: AsyncFnOnce(&Tx) -> Result<T> + Send + 'static,
{
    Box::new(Once(Some(work)))
}

/// What the caller's closure gave.
pub(crate) fn answer<T: 'static>(answer: Answer) -> Result<T> {
    answer.downcast().map(|value| *value).map_err(|_| Error::internal("a job answered something else"))
}

/// Runs `poll` so that a panic is its caller's misfortune alone: the worker and its other jobs go on.
pub(crate) fn guarded<T>(poll: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(poll)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Error::internal(format!("a transaction panicked: {}", text.unwrap_or("without words")))
    })
}
