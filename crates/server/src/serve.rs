//! The accept loop, from the first connection to the last goodbye.

use std::{io, sync::Arc, time::Duration};

use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    answer::Chat,
    connection,
    rooms::Rooms,
    settings::{Settings, SettingsError},
    sweep::sweep,
};

/// How long to leave off accepting when it fails, most often for want of
/// descriptors: others must close some before it can succeed.
const REST: Duration = Duration::from_millis(20);

/// Why a server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No chat can run with these settings.
    #[error("the server's settings cannot work: {0}")]
    Settings(#[from] SettingsError),
    /// The listening socket is broken.
    #[error("connections can no longer be accepted: {0}")]
    Accept(#[source] io::Error),
}

/// Serves a chat on `listener` until `shutdown` is ready, then says goodbye:
/// held polls are answered, streams end with their last chunk, WebSockets are
/// closed with 1001 (RFC 6455, section 7.4.1). Returns when all are gone, at
/// the latest after [`Settings::goodbye`].
///
/// # Errors
/// When the settings cannot work, or the listening socket breaks. An error of
/// one connection ends that connection only.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    settings.check()?;
    let goodbye = settings.goodbye;
    let chat = Arc::new(Chat {
        rooms: Rooms::new(settings.max_rooms, settings.log_events),
        settings: Arc::new(settings),
    });
    let leaving = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let ended = tokio::select! {
        error = accept(&listener, &chat, &leaving, &mut connections) => Err(ServeError::Accept(error)),
        never = sweep(&chat.rooms) => never,
        () = shutdown => Ok(()),
    };
    drop(listener);
    chat.rooms.close();
    leaving.send_replace(true);
    let all_gone = async { while connections.join_next().await.is_some() {} };
    // Whoever is not gone by then is cut off, as the set aborts what it drops.
    let _ = timeout(goodbye, all_gone).await;
    ended
}

/// Accepts connections until that breaks.
async fn accept(
    listener: &TcpListener,
    chat: &Arc<Chat>,
    leaving: &watch::Sender<bool>,
    connections: &mut JoinSet<()>,
) -> io::Error {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // A socket that cannot be prepared is already gone.
                    if prepare(&stream, &chat.settings).is_ok() {
                        let serve = connection::serve(stream, Arc::clone(chat), leaving.subscribe());
                        connections.spawn(serve);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return error,
                Err(_) => sleep(REST).await,
            },
            // Forgets tasks that are done; the set would keep them all.
            Some(_) = connections.join_next() => {}
        }
    }
}

fn prepare(stream: &TcpStream, settings: &Settings) -> io::Result<()> {
    // Small writes leave at once. With Nagle's algorithm an event would wait for
    // the acknowledgement of the one before, and the comparison would be about that.
    stream.set_nodelay(true)?;
    if let Some(bytes) = settings.send_buffer {
        SockRef::from(stream).set_send_buffer_size(bytes)?;
    }
    Ok(())
}
