//! The modules of the generated code, one a protobuf package. Written by `cargo xtask codegen`.

pub mod google {
    pub mod api {
        include!("google.api.rs");
    }
    pub mod rpc {
        include!("google.rpc.rs");
    }
}
pub mod pot {
    pub mod conversation {
        pub mod v1 {
            include!("pot.conversation.v1.rs");
        }
    }
    pub mod gateway {
        pub mod v1 {
            include!("pot.gateway.v1.rs");
        }
    }
    pub mod iot {
        pub mod v1 {
            include!("pot.iot.v1.rs");
        }
    }
    pub mod model_generation {
        pub mod v1 {
            include!("pot.model_generation.v1.rs");
        }
    }
    pub mod operations {
        pub mod v1 {
            include!("pot.operations.v1.rs");
        }
    }
    pub mod options {
        pub mod v1 {
            include!("pot.options.v1.rs");
        }
    }
    pub mod part {
        pub mod v1 {
            include!("pot.part.v1.rs");
        }
    }
    pub mod print_job {
        pub mod v1 {
            include!("pot.print_job.v1.rs");
        }
    }
    pub mod render {
        pub mod v1 {
            include!("pot.render.v1.rs");
        }
    }
    pub mod worker {
        pub mod v1 {
            include!("pot.worker.v1.rs");
        }
    }
}
