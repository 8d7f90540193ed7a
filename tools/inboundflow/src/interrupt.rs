//! The signals that end a command which runs until then.

/// The base of exit codes of processes that a signal ended, to which the signal's number is added.
const BY_SIGNAL: i32 = 128;

/// Ctrl-C, or the signal that process managers send: from this call on neither ends the process by itself. Gives the
/// code with which a process ends that did not finish because of it.
///
/// # Errors
/// When the system has none of these signals.
pub(crate) fn interrupted() -> std::io::Result<impl Future<Output = i32> + use<>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut ctrl_c = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            let signal = tokio::select! {
                _ = ctrl_c.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
            };
            BY_SIGNAL + signal.as_raw_value()
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        drop(tokio::signal::ctrl_c().await);
        BY_SIGNAL + 2
    })
}
