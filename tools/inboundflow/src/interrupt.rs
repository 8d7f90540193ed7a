//! How a command that runs until it is told to end is told so.

/// Ctrl-C, or the signal that process managers send: from this call on neither ends the process by itself.
///
/// # Errors
/// When the system has none of these signals.
pub(crate) fn interrupted() -> std::io::Result<impl Future<Output = ()> + use<>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut ctrl_c = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! { _ = ctrl_c.recv() => {}, _ = terminate.recv() => {} }
        })
    }
    #[cfg(not(unix))]
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
