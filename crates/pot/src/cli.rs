//! The command line: what `pot --help` teaches.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "pot",
    version,
    about = "Turns a sentence into a printed part.",
    long_about = "3D Pot turns a sentence into a printed part: it understands what you need (Portuguese, English or \
                  Spanish), builds an exact solid, checks it, quotes it, slices it, prints it and takes its \
                  picture.\n\nEverything runs on this machine; no server has to be installed.",
    after_long_help = EXAMPLES
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pot make \"a plant pot 120 mm wide and 100 mm tall with 3 mm walls and five 8 mm drainage holes, in PETG\" --out pot
  pot make \"caixa com tampa de 80 por 60 por 40 mm\" --then \"agora 20 mm mais alta\" --no-print --out caixa
  pot chat                      describe a part in a dialogue, at a prompt
  pot up                        serve the API and the printers until Ctrl-C; http://127.0.0.1:8080
  pot trace 4f1e...             everything that a file was made from, back to the words
  pot virtual-printer --id bench-1 --speed 60 --fail thermal@40%

Exit codes:
  0 done; 1 failed; 2 wrong usage; 3 a question is open (say more with --then); 4 the input was rejected;
  78 invalid configuration; 130 interrupted";

#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Folder of the embedded platform's data [default: /var/lib/pot/data as root, else ~/.local/share/3dpot/data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Use this platform instead of the embedded one, such as http://print.example:8080
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Access token for --server [or the environment variable POT_TOKEN]
    #[arg(long, global = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Configuration file (TOML) [default: /etc/pot/pot.toml as root, else ~/.config/pot/pot.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One JSON object a line on standard output instead of text and bars
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more to standard error: -v info, -vv debug
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a part from a sentence: specification, solid, quote, G-code, print and picture
    Make(MakeArgs),
    /// Serve the platform until Ctrl-C
    Up(UpArgs),
    /// Describe a part in a dialogue at a prompt
    Chat(ChatArgs),
    /// Show everything that an artefact was made from
    Trace(TraceArgs),
    /// Run a simulated printer on its own, as a device that outlives the platform
    VirtualPrinter(VirtualPrinterArgs),
    /// Work for the platform over standard streams
    #[command(hide = true)]
    Worker(WorkerArgs),
}

#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// What you need, in Portuguese, English or Spanish, at most 2,000 characters
    pub(crate) sentence: OsString,
    /// A further turn of the dialogue, as often as you like
    #[arg(long, value_name = "TURN")]
    pub(crate) then: Vec<OsString>,
    /// Folder for the files; made if it does not exist
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
    /// Do everything but print
    #[arg(long)]
    pub(crate) no_print: bool,
    /// Speed of a virtual printer over real time [default: chosen to end the print in about ten seconds]
    #[arg(long, value_name = "N", value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// The printer to use, such as virtual-1 [default: the idle one that fits]
    #[arg(long, value_name = "ID")]
    pub(crate) printer: Option<String>,
    /// Infill density in percent, 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) infill: Option<u8>,
    /// Layer height in millimetres
    #[arg(long, value_name = "MM")]
    pub(crate) layer_height: Option<f64>,
    /// Slice without the skirt around the part
    #[arg(long)]
    pub(crate) no_skirt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Address of the edge: REST, gRPC and web page. Port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Address of the MQTT broker for devices. Port 0 takes a free one [default: 127.0.0.1:1883]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mqtt_listen: Option<std::net::SocketAddr>,
    /// Do not run the built-in virtual printer
    #[arg(long)]
    pub(crate) no_virtual_printer: bool,
    /// Print the effective configuration, secrets masked, and exit
    #[arg(long)]
    pub(crate) print_config: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// Folder for the files of /make
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
    /// Go on with an earlier dialogue, such as dialogues/0197...
    #[arg(long, value_name = "NAME")]
    pub(crate) dialogue: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// A BLAKE3 hash from trail.json, or a name: models/..., slices/..., quotes/..., pictures/..., printJobs/...
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct VirtualPrinterArgs {
    /// Device id: 1 to 63 of a-z, 0-9 and hyphen
    #[arg(long, default_value = "virtual-2")]
    pub(crate) id: String,
    /// The MQTT broker
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:1883")]
    pub(crate) broker: String,
    /// Times faster than real time
    #[arg(long, default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
    /// Fail once: thermal@40%, jam@75%, power@10% or lost-ack@start
    #[arg(long, value_name = "FAULT")]
    pub(crate) fail: Option<virtual_printer::Fault>,
    /// Append every start received and executed to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) start_log: Option<PathBuf>,
    /// End with the parent process, as the printer built into the platform does
    #[arg(long, hide = true)]
    pub(crate) with_parent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    #[command(subcommand)]
    pub(crate) kind: WorkerKind,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkerKind {
    /// Evaluate parts: length-prefixed messages on standard input and output
    Geometry,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.01..=1e6).contains(&speed) => Ok(speed),
        _ => Err("the speed has to be a number between 0.01 and 1000000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_teaches_with_examples() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains("pot make \"a plant pot") && help.contains("Exit codes"));
    }
}
