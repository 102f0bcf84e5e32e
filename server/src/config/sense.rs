//! What cannot be told by looking at one value.

use super::Config;

/// Notes a sentence for each contradiction.
pub(super) fn check(config: &Config, mistakes: &mut Vec<String>) {
    let url = config.public_url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
        mistakes.push("`public_url` must be like https://desk.example.org, without a path.".into());
    }
    if config.tls.certificate.as_os_str().is_empty() != config.tls.key.as_os_str().is_empty() {
        mistakes.push("`tls.certificate` and `tls.key` belong together: give both or none.".into());
    }
    if !(1..=256).contains(&config.database.pool_size)
        || !(1..=64).contains(&config.database.readers)
    {
        mistakes.push(
            "`database.pool_size` goes from 1 to 256 and `database.readers` from 1 to 64.".into(),
        );
    }
    if !config.smtp.host.is_empty() && crate::text::email(&config.smtp.from).is_err() {
        mistakes.push("`smtp.from` must be one email address when `smtp.host` is given.".into());
    }
    for text in &config.media.announce {
        if crate::calls::media::parse_announced(text).is_err() {
            mistakes.push(format!("`media.announce` has \"{text}\": it must be an address like 203.0.113.7, or address and port like 203.0.113.7:40000."));
        }
    }
    if !(1..=64).contains(&config.media.workers) {
        mistakes.push("`media.workers` goes from 1 to 64.".into());
    }
    // Pages say that they live every 7 s, and give a silent line up after 30 s.
    if !(5_000..=10_000).contains(&config.live.heartbeat_ms) {
        mistakes.push("`live.heartbeat_ms` goes from 5000 to 10000.".into());
    }
}

/// What only the whole start tells, the command line included: development's mail must reach nobody else.
///
/// # Errors
/// One sentence per mistake.
pub fn check_start(config: &Config) -> Result<(), Vec<String>> {
    let mut mistakes = Vec::new();
    if config.dev.mail {
        if !config.smtp.host.is_empty() {
            mistakes.push("`dev.mail` shows mail instead of sending it: take it out, or leave `smtp.host` empty.".into());
        }
        if !config.listen.ip().is_loopback() {
            mistakes.push(format!(
                "`dev.mail` shows everyone's mail to whoever asks: it needs a loopback address in `listen`, not {}.",
                config.listen.ip()
            ));
        }
        if !config.is_local() {
            mistakes.push(format!(
                "`dev.mail` shows everyone's mail to whoever asks: it needs a local `public_url`, not {}.",
                config.public_url
            ));
        }
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(mistakes)
    }
}
