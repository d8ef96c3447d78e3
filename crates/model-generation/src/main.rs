//! The model-generation service as a process of its own; `model-generation worker geometry` is its worker.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    if std::env::args().skip(1).eq(["worker", "geometry"]) {
        return model_generation::worker_main();
    }
    host::main(model_generation::SERVICE, |host, parts| async move {
        let config = host.loader.load_table(model_generation::SERVICE);
        let config = config.map_err(|e| rpc::Error::invalid(model_generation::SERVICE, e.to_string()))?;
        model_generation::build(config, parts).await
    })
}
