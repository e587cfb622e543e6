//! go-plugin's own services: the end of the process, and a stream that stays silent.
//!
//! The stream for captured output is held open: core waits on it, and what it carried would be shown
//! as a warning, so nothing is ever sent. The broker is left out; no provider uses it.

use std::pin::Pin;

use tokio::sync::watch;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Status, async_trait};

use crate::grpc::g_r_p_c_controller_server::GRPCController;
use crate::grpc::g_r_p_c_stdio_server::GRPCStdio;
use crate::wire::{Empty, StdioData};

/// Becomes true when the process is to end.
pub(crate) type Ending = watch::Sender<bool>;

#[derive(Clone)]
pub(super) struct Plugin {
    pub(super) ending: Ending,
}

#[async_trait]
impl GRPCController for Plugin {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.ending.send_replace(true);
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GRPCStdio for Plugin {
    type StreamStdioStream = Pin<Box<dyn Stream<Item = Result<StdioData, Status>> + Send>>;

    async fn stream_stdio(
        &self,
        _request: Request<Empty>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(Box::pin(tonic::codegen::tokio_stream::pending())))
    }
}
