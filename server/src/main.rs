//! The commands of `deskside`.

use std::io::IsTerminal as _;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use deskside::admin::{self, Seats};
use deskside::app::App;
use deskside::calls::media::Media;
use deskside::config::{self, Config, LogFormat};
use deskside::serve::{self, Listening};
use deskside::team::{self, Plan};
use deskside::{demo, openapi, router, setup};
use deskside_db::{Clock, Random};
use tracing::Level;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

/// A case desk with video consultation, in one binary.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Start),
    /// Run the server with a sample organization.
    Demo {
        #[command(flatten)]
        start: Start,
        /// Print one line of JSON when ready: url, operators, guest_links.
        #[arg(long)]
        json: bool,
    },
    /// Bring the database to this version's schema and end.
    Migrate(Start),
    /// Check configuration and database and end.
    Check(Start),
    /// Print the description of the API.
    Openapi,
    /// Manage organizations (the server must not be running on SQLite).
    Admin {
        #[command(subcommand)]
        what: AdminCommand,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Organizations.
    Organization {
        #[command(subcommand)]
        what: OrganizationCommand,
    },
    /// Print a one-time link with which an operator chooses a new password; valid for an hour.
    PasswordLink {
        /// The operator's email address.
        email: String,
        #[command(flatten)]
        start: Start,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check every organization's audit log; fails where an entry was changed or is missing.
    Verify(Start),
}

#[derive(Subcommand)]
enum OrganizationCommand {
    /// Create an organization and its administrator; prints the administrator's first password.
    Add {
        /// The organization's name.
        name: String,
        /// The administrator's email address.
        #[arg(long)]
        email: String,
        /// The administrator's name.
        #[arg(long)]
        administrator: String,
        #[command(flatten)]
        start: Start,
    },
    /// List the organizations with their plans and seats.
    List(Start),
    /// Change the plan or the seats of an organization.
    Set {
        /// The organization's id, as the list shows it.
        id: String,
        /// starter, professional or enterprise.
        #[arg(long, value_parser = plan)]
        plan: Option<Plan>,
        /// How many operators may work, or unlimited. Nobody loses a seat by it; new ones get none until one is free.
        #[arg(long, value_parser = seats)]
        seats: Option<Seats>,
        #[command(flatten)]
        start: Start,
    },
}

fn plan(text: &str) -> Result<Plan, String> {
    Plan::parse(text).ok_or_else(|| "it is starter, professional or enterprise".into())
}

fn seats(text: &str) -> Result<Seats, String> {
    Seats::parse(text).ok_or_else(|| "it is a number of operators from 1 on, or unlimited".into())
}

#[derive(Args)]
struct Start {
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Folder that holds everything.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// How browsers reach this server.
    #[arg(long)]
    public_url: Option<String>,
    /// Listen in the local network over https with a self-signed certificate, so that a phone can try it.
    #[arg(long)]
    lan: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("The TLS provider could not be installed.");
        return ExitCode::FAILURE;
    }
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Openapi => {
            print!("{}", openapi::json(&router::document())?);
            Ok(())
        }
        Command::Migrate(start) => {
            let app = open(prepare(&start, None)?).await?;
            app.db().close().await;
            println!("The database has this version's schema.");
            Ok(())
        }
        Command::Check(start) => {
            let app = open(prepare(&start, None)?).await?;
            app.db().check().await?;
            app.db().close().await;
            println!("Configuration and database are fine.");
            Ok(())
        }
        Command::Admin { what } => administer(what).await,
        Command::Serve(start) => {
            let (app, listening, media) = listen(prepare(&start, None)?).await?;
            println!("Deskside is at {}", app.config.public_url);
            if let Some(link) = setup::link(&app).await? {
                println!("It is empty. Set it up once at {link}");
            }
            listening.run(app, media).await
        }
        Command::Demo { start, json } => {
            let (app, listening, media) = listen(prepare(&start, Some("data-demo"))?).await?;
            let sample = demo::prepare(&app).await?;
            if json {
                println!("{}", serde_json::to_string(&sample)?);
            } else {
                print!("{}", sample.for_people());
            }
            listening.run(app, media).await
        }
    }
}

async fn administer(command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Organization {
            what:
                OrganizationCommand::Add {
                    name,
                    email,
                    administrator,
                    start,
                },
        } => {
            let app = open(prepare(&start, None)?).await?;
            let password = admin::add_organization(&app, &name, &email, &administrator).await?;
            app.db().close().await;
            println!(
                "{administrator} signs in at {} with {email} and the password {password}",
                app.link("/sign-in")
            );
        }
        AdminCommand::Organization {
            what: OrganizationCommand::List(start),
        } => {
            let app = open(prepare(&start, None)?).await?;
            let organizations = team::organization::all(&app).await?;
            app.db().close().await;
            for organization in organizations {
                println!("{}", admin::line(&organization));
            }
        }
        AdminCommand::Organization {
            what:
                OrganizationCommand::Set {
                    id,
                    plan,
                    seats,
                    start,
                },
        } => {
            let app = open(prepare(&start, None)?).await?;
            let organization = admin::set_organization(&app, &id, plan, seats).await?;
            app.db().close().await;
            println!("{}", admin::line(&organization));
        }
        AdminCommand::PasswordLink { email, start } => {
            let app = open(prepare(&start, None)?).await?;
            let link = admin::password_link(&app, &email).await?;
            app.db().close().await;
            println!("{link}");
        }
        AdminCommand::Audit {
            what: AuditCommand::Verify(start),
        } => {
            let app = open(prepare(&start, None)?).await?;
            let check = admin::verify_audit(&app).await?;
            app.db().close().await;
            for line in &check.lines {
                println!("{line}");
            }
            anyhow::ensure!(check.ok, "An audit log is not as it was written.");
        }
    }
    Ok(())
}

/// Configuration, folder, log: what every command needs.
fn prepare(start: &Start, data_default: Option<&str>) -> anyhow::Result<Config> {
    let loaded = config::load(start.config.as_deref(), std::env::vars());
    let mut config = loaded.map_err(|mistakes| anyhow::anyhow!("{}", mistakes.join("\n")))?;
    let standard = Config::default();
    match (&start.data, data_default) {
        (Some(data), _) => config.data.clone_from(data),
        (None, Some(data)) if config.data == standard.data => config.data = data.into(),
        _ => {}
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data)
        .map_err(|error| {
            anyhow::anyhow!(
                "The data folder {} cannot be made: {error}",
                config.data.display()
            )
        })?;
    if start.lan {
        let address = lan_address()?;
        let port = start.listen.map_or(8443, |listen| listen.port());
        config.listen = SocketAddr::from(([0, 0, 0, 0], port));
        let (certificate, key) =
            serve::self_signed(&config.data, vec!["localhost".into(), address.to_string()])?;
        config.tls.certificate = certificate;
        config.tls.key = key;
        config.public_url = format!("https://{address}:{port}");
        if config.media.announce.is_empty() {
            config.media.announce = vec![address.to_string()];
        }
    } else if let Some(listen) = start.listen {
        config.listen = listen;
    }
    if let Some(url) = &start.public_url {
        config.public_url.clone_from(url);
    }
    config::check_start(&config).map_err(|mistakes| anyhow::anyhow!("{}", mistakes.join("\n")))?;
    start_log(&config)?;
    Ok(config)
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let wanted = EnvFilter::try_new(&config.log.filter)
        .map_err(|error| anyhow::anyhow!("The value of `log.filter` is not right: {error}."))?;
    // Below `info` libraries write down what they carry: parameters of statements, frames, headers.
    let ours = filter_fn(|event| {
        *event.level() <= Level::INFO || event.target().starts_with(env!("CARGO_PKG_NAME"))
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(ours.and(wanted)))
        .init();
    Ok(())
}

async fn open(config: Config) -> anyhow::Result<App> {
    App::open(config, Clock::system(), Random::system()).await
}

/// Binds first: a port that is taken stops the start before the database is touched.
async fn listen(mut config: Config) -> anyhow::Result<(App, Listening, Media)> {
    let listening = Listening::bind(config.listen)?;
    if config.public_url == Config::default().public_url
        && config.listen.port() != Config::default().listen.port()
    {
        config.public_url = format!("http://localhost:{}", listening.address.port());
    }
    let media = Media::bind(&config)?;
    tracing::info!(
        media.addresses = named(&media.addresses()),
        "Calls go by UDP and TCP to these addresses."
    );
    Ok((open(config).await?, listening, media))
}

/// Addresses in a row.
fn named(addresses: &[SocketAddr]) -> String {
    let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The address that this machine has in its network. Nothing is sent: connecting a datagram socket only
/// asks the routing table.
fn lan_address() -> anyhow::Result<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket
        .connect("192.0.2.1:9")
        .map_err(|_| anyhow::anyhow!("This machine is in no network that a phone could reach."))?;
    Ok(socket.local_addr()?.ip())
}
