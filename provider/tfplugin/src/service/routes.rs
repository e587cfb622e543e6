//! Which service a request is for. Three prefixes do not need a router crate.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http;

use super::plugin::{Ending, Plugin};
use super::{Handle, Service};
use crate::grpc::g_r_p_c_controller_server::GRPCControllerServer;
use crate::grpc::g_r_p_c_stdio_server::GRPCStdioServer;
use crate::grpc::provider_server::ProviderServer;
use crate::provider::Provider;

/// The largest message in either direction, in bytes: core's own limit for schemas.
const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;

/// All services of the plugin.
pub(crate) struct Routes<P> {
    provider: ProviderServer<Handle<P>>,
    controller: GRPCControllerServer<Plugin>,
    stdio: GRPCStdioServer<Plugin>,
}

impl<P: Provider> Routes<P> {
    pub(crate) fn new(service: Service<P>, ending: Ending) -> Self {
        let plugin = Plugin { ending };
        Self {
            provider: ProviderServer::new(Handle(Arc::new(service)))
                .max_decoding_message_size(MESSAGE_LIMIT)
                .max_encoding_message_size(MESSAGE_LIMIT),
            controller: GRPCControllerServer::new(plugin.clone()),
            stdio: GRPCStdioServer::new(plugin),
        }
    }
}

impl<P> Clone for Routes<P> {
    fn clone(&self) -> Self {
        let (controller, stdio) = (self.controller.clone(), self.stdio.clone());
        Self { provider: self.provider.clone(), controller, stdio }
    }
}

impl<P: Provider> tonic::codegen::Service<http::Request<Body>> for Routes<P> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match request.uri().path().split('/').nth(1) {
            Some("tfplugin6.Provider") => self.provider.call(request),
            Some("plugin.GRPCController") => self.controller.call(request),
            Some("plugin.GRPCStdio") => self.stdio.call(request),
            _ => Box::pin(async { Ok(Status::unimplemented("no such service").into_http()) }),
        }
    }
}
