//! TLS to PostgreSQL, against a server of its own with certificates made on the spot.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kernel::{clock::Clock, random::Random};
use storage::{Db, sql};
use tempfile::TempDir;

/// A PostgreSQL with `ssl = on`, stopped at drop. Its user `postgres` may come either way, `sealed` over TLS alone,
/// `plain` without it alone.
struct Cluster {
    folder: TempDir,
    port: u16,
}

fn run(program: &Path, arguments: &[&str]) {
    let done = command(program, arguments).status().unwrap();
    assert!(done.success(), "{} {arguments:?}", program.display());
}

/// As the user `postgres` where the tests run as root, for whom PostgreSQL refuses to work.
fn command(program: &Path, arguments: &[&str]) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).current_dir("/").stdout(Stdio::null());
    command
}

fn postgres_program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("scripts/test installs PostgreSQL");
    let mut found =
        versions.map(|version| version.unwrap().path().join("bin").join(name)).collect::<Vec<_>>();
    found.sort();
    found.pop().unwrap()
}

fn openssl(folder: &Path, arguments: &str) {
    let arguments = arguments.split(' ');
    let made = Command::new("openssl").args(arguments).current_dir(folder).stderr(Stdio::null()).status();
    assert!(made.unwrap().success());
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// An authority, another one, a certificate of the first for `db.internal`, and one that vouches for itself.
fn make_certificates(folder: &Path) {
    for name in ["ca", "other"] {
        openssl(
            folder,
            &format!("req -x509 {KEY} -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2"),
        );
    }
    fs::write(folder.join("names"), "subjectAltName=DNS:db.internal\nextendedKeyUsage=serverAuth\n").unwrap();
    openssl(folder, &format!("req {KEY} -keyout signed.key -out signed.csr -subj /CN=db.internal"));
    openssl(
        folder,
        "x509 -req -in signed.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out signed.pem -days 2 -extfile names",
    );
    openssl(
        folder,
        &format!(
            "req -x509 {KEY} -keyout own.key -out own.pem -subj /CN=db.internal -days 2 -addext \
             subjectAltName=DNS:db.internal"
        ),
    );
}

impl Cluster {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, port };
        make_certificates(cluster.path());
        // The user that runs PostgreSQL must own the keys.
        let _ =
            Command::new("chown").args(["-R", "postgres"]).arg(cluster.path()).stderr(Stdio::null()).status();
        let data = cluster.file("data");
        run(&postgres_program("initdb"), &["-D", &data, "-U", "postgres", "-A", "trust", "--no-sync"]);
        let rules =
            "host all postgres all trust\nhostssl all sealed all trust\nhostnossl all plain all trust\n";
        fs::write(cluster.path().join("data/pg_hba.conf"), rules).unwrap();
        let options = format!(
            "-p {port} -k {0} -h 127.0.0.1 -c fsync=off -c ssl_cert_file={0}/server.pem -c \
             ssl_key_file={0}/server.key",
            cluster.path().display()
        );
        cluster.show("signed");
        let log = cluster.file("log");
        run(&postgres_program("pg_ctl"), &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]);
        cluster.tell("CREATE ROLE sealed LOGIN SUPERUSER").await;
        cluster.tell("CREATE ROLE plain LOGIN SUPERUSER").await;
        cluster.set("on").await;
        cluster
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    /// Chooses the certificate that the server shows from its next start or reload on.
    fn show(&self, name: &str) {
        for ending in ["pem", "key"] {
            let (from, to) = (self.file(&format!("{name}.{ending}")), self.file(&format!("server.{ending}")));
            run(Path::new("/bin/cp"), &[&from, &to]);
            run(Path::new("/bin/chmod"), &["600", &to]);
        }
    }

    async fn tell(&self, statement: &str) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
    }

    /// Turns TLS on or off, and has certificates read again.
    async fn set(&self, ssl: &str) {
        self.tell(&format!("ALTER SYSTEM SET ssl = {ssl}")).await;
        self.tell("SELECT pg_reload_conf()").await;
        for _ in 0..400 {
            let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let row = client.query_one("SHOW ssl", &[]).await.unwrap();
            if row.get::<_, String>(0) == ssl {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("ssl did not turn {ssl}");
    }

    /// Whether a connection as `user` to `host` is over TLS, or why there is none.
    async fn reach(&self, user: &str, host: &str, query: &str) -> Result<bool, String> {
        let url = format!("postgres://{user}@{host}:{}/postgres?hostaddr=127.0.0.1&{query}", self.port);
        let opened = Db::postgres(&url, true, Clock::System, Random::System).await;
        let db = opened.map_err(|error| error.public().to_owned())?;
        let over_tls = sql!("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        let over_tls = db.read(async move |tx| tx.value::<bool>(over_tls, &[]).await).await.unwrap();
        db.close().await;
        Ok(over_tls)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stop = ["-D", &self.file("data"), "-m", "immediate", "stop"];
        let _ = command(&postgres_program("pg_ctl"), &stop).stderr(Stdio::null()).status();
    }
}

#[track_caller]
fn assert_refused(outcome: &Result<bool, String>, why: &str) {
    let said = outcome.as_ref().expect_err(why);
    assert!(said.contains(why), "{said}");
}

#[tokio::test]
async fn sslmode_means_what_libpq_means_by_it_and_failures_say_what_to_do() {
    let cluster = Cluster::start().await;
    let roots = |file: &str| format!("sslrootcert={}", cluster.file(file));
    let (ca, other, own) = (roots("ca.pem"), roots("other.pem"), roots("own.pem"));
    let reach = async |host: &str, query: &str| cluster.reach("postgres", host, query).await;

    assert_eq!(reach("db.internal", &format!("sslmode=verify-full&{ca}")).await, Ok(true));
    let wrong = reach("db.internal", &format!("sslmode=verify-full&{other}")).await;
    assert_refused(&wrong, "is not signed by an authority in");
    let wrong = reach("127.0.0.1", &format!("sslmode=verify-full&{ca}")).await;
    assert_refused(&wrong, "db.internal");
    let wrong = reach("db.internal", "sslmode=verify-full&sslrootcert=system").await;
    assert_refused(&wrong, "sslrootcert=FILE");

    assert_eq!(reach("127.0.0.1", &format!("sslmode=verify-ca&{ca}")).await, Ok(true));
    assert_refused(&reach("127.0.0.1", &format!("sslmode=verify-ca&{other}")).await, "is not signed by");
    assert_eq!(reach("127.0.0.1", "sslmode=require").await, Ok(true));
    assert_refused(&reach("127.0.0.1", &format!("sslmode=require&{other}")).await, "is not signed by");
    assert_eq!(reach("127.0.0.1", "").await, Ok(true), "this machine: prefer");
    assert_eq!(reach("127.0.0.1", "sslmode=disable").await, Ok(false));
    assert_eq!(reach("127.0.0.1", "sslmode=allow").await, Ok(false));

    assert_eq!(cluster.reach("sealed", "127.0.0.1", "sslmode=allow").await, Ok(true));
    assert_eq!(cluster.reach("plain", "127.0.0.1", "sslmode=prefer").await, Ok(false));
    assert_refused(&cluster.reach("plain", "127.0.0.1", "sslmode=require").await, "doesn't let plain in");
    assert_refused(&cluster.reach("sealed", "127.0.0.1", "sslmode=disable").await, "doesn't let sealed in");

    cluster.show("own");
    cluster.set("off").await;
    let refused = reach("127.0.0.1", "sslmode=require").await;
    assert_refused(&refused, "doesn't offer TLS");
    assert_eq!(reach("127.0.0.1", "sslmode=prefer").await, Ok(false));

    cluster.set("on").await;
    assert_eq!(reach("db.internal", &format!("sslmode=verify-full&{own}")).await, Ok(true));
    assert_refused(&reach("127.0.0.1", &format!("sslmode=verify-full&{own}")).await, "db.internal");
    assert_refused(&reach("db.internal", &format!("sslmode=verify-full&{ca}")).await, "is not signed by");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://x@{free}/x");
    let gone = Db::postgres(&url, true, Clock::System, Random::System).await.err().unwrap();
    assert!(gone.public().contains("PostgreSQL on 127.0.0.1 can't be reached"), "{}", gone.public());
    let wrong = Db::postgres("postgres://x@h/x?sslmode=maybe", true, Clock::System, Random::System).await;
    assert!(wrong.err().unwrap().public().contains("sslmode is one of"));
}

#[test]
fn check_config_tells_how_postgresql_is_reached_and_never_its_password() {
    let check = |query: &str| {
        let url = format!("postgres://ann:s3cret@db.internal/covey{query}");
        let done = crate::config::covey(&["check-config", "--database", &url]);
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(!said.contains("s3cret"), "{said}");
        (done.status.code(), said)
    };
    let (code, said) = check("");
    assert!(code == Some(0) && said.contains("covey on db.internal (sslmode verify-full"), "{said}");
    assert!(!said.contains("nothing proves"), "{said}");
    let (code, said) = check("?sslmode=require");
    assert!(code == Some(0) && said.contains("nothing proves that PostgreSQL"), "{said}");
    let (code, said) = check("?sslmode=on");
    assert!(code == Some(2) && said.contains("sslmode is one of disable, allow, prefer"), "{said}");
}
