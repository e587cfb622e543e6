//! Where core connects: a Unix socket in a directory that only the owner can enter.
//!
//! TLS handshakes run beside each other and each has a limit, so a peer that connects and says
//! nothing keeps nobody else out.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::codegen::tokio_stream::Stream;
use tonic::transport::server::Connected;

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// The longest socket path: the kernel takes 107 bytes.
const PATH_LIMIT: usize = 107;

/// A listening socket in a directory of its own.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    directory: TempDir,
}

impl Socket {
    /// Listens in a fresh directory below `PLUGIN_UNIX_SOCKET_DIR` or the system's temporary one.
    pub(crate) fn bind() -> io::Result<Self> {
        let parent = std::env::var_os("PLUGIN_UNIX_SOCKET_DIR")
            .filter(|directory| !directory.is_empty())
            .map_or_else(std::env::temp_dir, PathBuf::from);
        let mut directory = private_directory(&parent)?;
        if directory.path().as_os_str().len() + "/plugin".len() > PATH_LIMIT {
            directory = private_directory(Path::new("/tmp"))?;
        }
        let path = directory.path().join("plugin");
        Ok(Self { listener: UnixListener::bind(&path)?, path, directory })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The connections as they come, behind TLS when it is given; `open` counts them. The socket
    /// is removed with the directory that comes with them.
    pub(crate) fn connections(
        self,
        tls: Option<Arc<ServerConfig>>,
        open: watch::Sender<usize>,
    ) -> (Connections, TempDir) {
        let (sender, receiver) = mpsc::channel(1);
        let acceptor = tls.map(TlsAcceptor::from);
        let Self { listener, directory, .. } = self;
        tokio::spawn(async move {
            loop {
                let stream = tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => stream,
                        Err(error) => {
                            tracing::warn!(%error, "cannot accept a connection");
                            // Out of file descriptors, most likely: trying at once would spin.
                            tokio::time::sleep(Duration::from_millis(100)).await;
                            continue;
                        }
                    },
                    () = sender.closed() => return,
                };
                let (acceptor, sender, open) = (acceptor.clone(), sender.clone(), open.clone());
                tokio::spawn(async move {
                    if let Some(transport) = handshake(stream, acceptor).await {
                        // The receiver is gone when the server is.
                        let _ = sender.send(Connection::new(transport, open)).await;
                    }
                });
            }
        });
        (Connections(receiver), directory)
    }
}

fn private_directory(parent: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("plugin")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)
}

async fn handshake(stream: UnixStream, acceptor: Option<TlsAcceptor>) -> Option<Transport> {
    let Some(acceptor) = acceptor else { return Some(Transport::Plain(stream)) };
    match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(Transport::Tls(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "refused a connection");
            None
        }
        Err(_) => {
            tracing::warn!("refused a connection that did not finish its TLS handshake");
            None
        }
    }
}

/// The stream of connections.
pub(crate) struct Connections(mpsc::Receiver<Connection>);

impl Stream for Connections {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|connection| connection.map(Ok))
    }
}

/// One open connection; counted while it lives.
pub(crate) struct Connection {
    transport: Transport,
    open: watch::Sender<usize>,
}

enum Transport {
    Plain(UnixStream),
    Tls(Box<TlsStream<UnixStream>>),
}

impl Connection {
    fn new(transport: Transport, open: watch::Sender<usize>) -> Self {
        open.send_modify(|count| *count += 1);
        Self { transport, open }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
