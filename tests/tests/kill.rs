//! kill -9 of `pot up` at moments drawn from a printed seed, while it generates, slices, uploads and prints: nothing is
//! lost, nothing is done twice, nothing that it started lives on.
//!
//! The printer is a process of its own that executes every start it receives and logs it. POT_KILL_SEED repeats a run;
//! POT_KILL_ROUNDS kills more often than once a phase (`cargo xtask kill`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{collections::BTreeSet, time::Duration};

use e2e::{Options, Platform, Rest, Sandbox, VirtualPrinter, binary, job, random::Random, rest::Answer};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Generating,
    Slicing,
    Uploading,
    Printing,
}

const PHASES: [Phase; 4] = [Phase::Generating, Phase::Slicing, Phase::Uploading, Phase::Printing];

/// Makes a print of about an hour last some seconds.
const SPEED: f64 = 1000.0;
/// A phase that was over before the blow is tried again with another part, this often.
const TRIES: u32 = 8;

#[tokio::test]
async fn every_job_ends_once_with_one_start() {
    let number =
        |name: &str| binary::setting(name).map(|text| text.parse::<u64>().unwrap_or_else(|e| panic!("{name}: {e}")));
    let seed = number("POT_KILL_SEED").unwrap_or_else(Random::fresh_seed);
    let rounds = number("POT_KILL_ROUNDS").unwrap_or(1);
    println!("seed {seed}, {rounds} kill(s) a phase; repeat with POT_KILL_SEED={seed} POT_KILL_ROUNDS={rounds}");
    let sandbox = Sandbox::new();
    let mut ground = Ground::new(&sandbox, Random::new(seed)).await;
    for round in 1..=rounds {
        for phase in PHASES {
            let mut window = 600;
            let mut tries = 0;
            while !ground.job(phase, window).await {
                tries += 1;
                assert!(tries < TRIES, "{phase:?} was over {TRIES} times before the blow; seed {seed}");
                window = (window / 2).max(20);
            }
            println!("round {round}: killed while {phase:?}");
        }
    }
    ground.account().await;
}

struct Ground<'s> {
    sandbox: &'s Sandbox,
    options: Options,
    platform: Option<Platform<'s>>,
    rest: Rest,
    printer: VirtualPrinter,
    random: Random,
    /// Dialogues begun so far, which number the keys and the parts.
    begun: u64,
    prints: Vec<String>,
}

/// What became of a request under which the platform was killed, or was to be.
enum Blow {
    /// It came before the work was done.
    Struck,
    /// The work was done too soon; its resource.
    Missed(Value),
}

impl<'s> Ground<'s> {
    async fn new(sandbox: &'s Sandbox, random: Random) -> Self {
        let options = Options { virtual_printer: false, ..Options::with_kept_ports() };
        let platform = Platform::start(sandbox, &options);
        let rest = platform.rest();
        let printer = VirtualPrinter::start(sandbox, "bench-1", &platform.mqtt, SPEED, None);
        printer.register(&rest).await;
        Ground { sandbox, options, platform: Some(platform), rest, printer, random, begun: 0, prints: Vec::new() }
    }

    /// One part from the sentence to the queued print, with the blow in one phase, within a window in milliseconds that
    /// grows smaller with every miss. Returns whether it fell in time; what came too early or too late goes no further.
    async fn job(&mut self, phase: Phase, window: u64) -> bool {
        self.begun += 1;
        let n = self.begun;
        if matches!(phase, Phase::Uploading | Phase::Printing) {
            // The printer has to be free for these; the others strike while earlier parts are being printed.
            self.prints_end().await;
        }
        let dialogue = self.post("/v1/dialogues", &format!("{n}-dialogue"), &json!({})).await;
        let dialogue = job::text(&dialogue, "name").to_owned();
        let sentence =
            format!("a plant pot {} mm wide and {} mm tall with 3 mm walls, in PLA", 50 + n % 40, 40 + n / 40);
        self.post(&format!("/v1/{dialogue}/turns"), &format!("{n}-turn"), &json!({"text": sentence})).await;
        let specification = self.rest.get(&format!("/v1/{dialogue}/specification")).await.ok();
        assert_eq!(specification["complete"], true, "{specification}");

        let (mut struck, request) = (false, job::model_request(&specification));
        let model = self.work(phase == Phase::Generating, window, "/v1/models", &format!("{n}-model"), &request).await;
        let model = self.settle(model, &mut struck, "/v1/models", &format!("{n}-model"), &request).await;
        if phase == Phase::Generating && !struck {
            return false;
        }
        let request = job::slice_request(&specification, &model);
        let slice = self.work(phase == Phase::Slicing, window, "/v1/slices", &format!("{n}-slice"), &request).await;
        let slice = self.settle(slice, &mut struck, "/v1/slices", &format!("{n}-slice"), &request).await;

        if phase == Phase::Slicing && !struck {
            return false;
        }
        let request = json!({"slice": slice["name"], "printer": self.printer.name});
        let key = format!("{n}-print");
        if phase == Phase::Uploading {
            struck = self.strike_while_uploading(window, &key, &request).await;
        }
        let print = self.post("/v1/printJobs", &key, &request).await;
        let print = job::text(&print, "name").to_owned();
        self.prints.push(print.clone());
        if phase == Phase::Printing {
            struck = self.strike_while_printing(window, &print).await;
            let again = self.post("/v1/printJobs", &key, &request).await;
            assert_eq!(again["name"], print.as_str(), "the first answer is given again after the restart");
        }
        struck
    }

    /// Begins work and, if told to, kills the platform within `window` milliseconds unless it is done before.
    async fn work(&mut self, strike: bool, window: u64, path: &str, key: &str, request: &Value) -> Blow {
        if !strike {
            let operation = self.post(path, key, request).await;
            return Blow::Missed(job::finished(&self.rest, job::text(&operation, "name")).await);
        }
        let (rest, path, key, request) = (self.rest.clone(), path.to_owned(), key.to_owned(), request.clone());
        let sent = self.in_flight(rest, path, key, request);
        sleep(Duration::from_micros(self.random.below(window * 1000))).await;
        if sent.is_finished() {
            let operation = sent.await.unwrap().expect("the platform still runs").ok();
            let name = job::text(&operation, "name").to_owned();
            if self.rest.get(&format!("/v1/{name}")).await.ok()["done"] == true {
                return Blow::Missed(job::finished(&self.rest, &name).await);
            }
        }
        self.kill();
        Blow::Struck
    }

    /// The resource of the work, after a restart if need be: the client says again what it said, with the same key.
    async fn settle(&mut self, blow: Blow, struck: &mut bool, path: &str, key: &str, request: &Value) -> Value {
        match blow {
            Blow::Missed(resource) => resource,
            Blow::Struck => {
                *struck = true;
                self.restart();
                let operation = self.post(path, key, request).await;
                let name = job::text(&operation, "name").to_owned();
                let again = self.post(path, key, request).await;
                assert_eq!(again["name"], name.as_str());
                job::finished(&self.rest, &name).await
            }
        }
    }

    /// The printer is frozen at a random moment around the start, or right after it has received it, so that the blow
    /// falls before the start is sent, between its being sent and its being acknowledged, or while the G-code is fetched.
    async fn strike_while_uploading(&mut self, window: u64, key: &str, request: &Value) -> bool {
        let before = self.printer.starts().len();
        let sent = self.in_flight(self.rest.clone(), "/v1/printJobs".into(), key.to_owned(), request.clone());
        if self.random.below(2) == 0 {
            // A tenth of the window: from the order to the printing it takes some tens of milliseconds.
            sleep(Duration::from_micros(self.random.below(window * 100))).await;
        } else {
            let printer = &self.printer;
            let patience = Instant::now();
            while printer.starts().len() == before && patience.elapsed() < Duration::from_secs(10) {
                sleep(Duration::from_micros(200)).await;
            }
            sleep(Duration::from_micros(self.random.below(window * 5))).await;
        }
        self.printer.signal(Signal::STOP);
        let received = self.printer.starts().len() > before;
        sleep(Duration::from_micros(self.random.below(600_000))).await;
        if sent.is_finished() {
            let print = sent.await.unwrap().expect("the platform still runs").ok();
            let print = self.rest.get(&format!("/v1/{}", job::text(&print, "name"))).await.ok();
            if !matches!(job::state(&print), "PENDING" | "QUEUEING" | "PREPARING") {
                self.printer.signal(Signal::CONT);
                return false;
            }
        }
        self.kill();
        self.printer.signal(Signal::CONT);
        // It acts on what had reached it while nobody is there to hear of it.
        sleep(Duration::from_micros(self.random.below(400_000))).await;
        let later = self.printer.starts().len() > before;
        println!("  the start had been received before the blow: {received}, and before the restart: {later}");
        self.restart();
        true
    }

    async fn strike_while_printing(&mut self, window: u64, print: &str) -> bool {
        job::reaches(&self.rest, print, &["PRINTING", "COMPLETED"], 60).await;
        sleep(Duration::from_micros(self.random.below(window * 4000))).await;
        let now = self.rest.get(&format!("/v1/{print}")).await.ok();
        if job::state(&now) != "PRINTING" {
            return false;
        }
        self.kill();
        sleep(Duration::from_micros(self.random.below(2_000_000))).await;
        self.restart();
        true
    }

    fn kill(&mut self) {
        self.platform.take().expect("it runs").kill_nine(&[self.printer.pid()]);
    }

    fn restart(&mut self) {
        let started = Instant::now();
        let platform = Platform::start(self.sandbox, &self.options);
        assert_eq!(platform.token, self.rest.token, "the token outlives a restart");
        println!("  back after {:.1} s", started.elapsed().as_secs_f64());
        self.rest = platform.rest();
        self.platform = Some(platform);
    }

    async fn post(&self, path: &str, key: &str, request: &Value) -> Value {
        self.rest.post_with(path, &[("idempotency-key", key)], request).await.ok()
    }

    #[allow(clippy::disallowed_methods, reason = "a request in flight while its server is killed")]
    fn in_flight(
        &self,
        rest: Rest,
        path: String,
        key: String,
        request: Value,
    ) -> tokio::task::JoinHandle<Result<Answer, reqwest::Error>> {
        tokio::spawn(async move {
            let headers = [("idempotency-key", key.as_str())];
            rest.send(reqwest::Method::POST, &path, &headers, Some(request.to_string().into_bytes())).await
        })
    }

    async fn prints_end(&self) {
        for print in &self.prints {
            job::reaches(&self.rest, print, &["COMPLETED"], 120).await;
        }
    }

    /// Everything that was asked for is there once.
    async fn account(mut self) {
        self.prints_end().await;
        for print in &self.prints {
            let counts = (self.printer.count("received", print), self.printer.count("executed", print));
            assert_eq!(counts, (1, 1), "{print}: {:#?}", self.printer.starts());
            let mut ends = 0;
            let mut events = self.rest.watch(&format!("/v1/{print}:watch")).await;
            while let Some(event) = events.next().await.filter(|event| event.name == "message") {
                ends += usize::from(job::has_ended(&event.data["printJob"]));
            }
            assert_eq!(ends, 1, "{print} ends once");
        }
        assert_eq!(self.printer.starts().len(), 2 * self.prints.len(), "no start of anything else");
        let all = self.rest.get("/v1/printJobs?pageSize=100").await.ok();
        let listed = all["printJobs"].as_array().unwrap().iter().map(|it| job::text(it, "name"));
        let asked: BTreeSet<_> = self.prints.iter().map(String::as_str).collect();
        assert_eq!((listed.clone().count(), listed.collect::<BTreeSet<_>>()), (asked.len(), asked));
        for (collection, field) in [("models", "models"), ("dialogues", "dialogues")] {
            let all = self.rest.get(&format!("/v1/{collection}?pageSize=100")).await.ok();
            assert_eq!(all[field].as_array().unwrap().len() as u64, self.begun, "{collection}: none lost, none twice");
        }
        println!("{} print jobs, each with one start", self.prints.len());
        self.platform.take().expect("it runs").stop(&[self.printer.pid()]);
    }
}
