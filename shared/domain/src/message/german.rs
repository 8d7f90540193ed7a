//! The messages in German.

use std::fmt::{Formatter, Result};

use super::{
    english,
    parts::{character, event_types, example, ports},
};
use crate::{
    Conflict, Error, PhoneProblem, TooSoon, Unauthenticated,
    cursor::BadCursor,
    problem::{BodyProblem, EventsProblem, Expected, Missing, Problem},
    webhooks::{MAX_REPLAYS_PER_HOUR, MAX_WEBHOOKS, REPLAYED_AGAIN_MINUTES, UrlFault, UrlProblem},
};

pub(super) fn error(error: &Error, f: &mut Formatter<'_>) -> Result {
    match error {
        Error::Unauthenticated(reason) => f.write_str(unauthenticated(*reason)),
        Error::Forbidden(scope) => write!(
            f,
            "Diesem API-Schlüssel fehlt der Scope {scope}. Verwenden Sie einen Schlüssel, der mit diesem Scope erstellt wurde."
        ),
        Error::NotFound => f.write_str("In Ihrer Organisation gibt es keinen solchen Datensatz."),
        Error::Conflict(reason) => conflict(*reason, f),
        Error::Invalid { param, problem: wrong } => problem(wrong, param.as_deref().unwrap_or_default(), f),
        Error::RateLimited => f.write_str(
            "Zu viele Anfragen mit diesem API-Schlüssel. Warten Sie so viele Sekunden, wie in Retry-After steht.",
        ),
        Error::TooSoon { reason, .. } => too_soon(*reason, f),
        Error::Contended(_) => f.write_str(
            "Derselbe Datensatz wurde in diesem Moment auch von anderen geändert, daher wurde nichts geändert. Warten Sie so viele Sekunden, wie in Retry-After steht, und versuchen Sie es erneut.",
        ),
        Error::Busy(_) => f.write_str(
            "Der Dienst ist gerade ausgelastet. Warten Sie so viele Sekunden, wie in Retry-After steht, und versuchen Sie es erneut.",
        ),
        Error::Internal(_) => f.write_str(
            "Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut; bleibt er bestehen, geben Sie die Request-ID an.",
        ),
    }
}

fn unauthenticated(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::Missing => {
            "Der API-Schlüssel fehlt. Senden Sie den Header: Authorization: Bearer sk_live_…"
        }
        Unauthenticated::Malformed => {
            "Ungültiger API-Schlüssel: Er hat nicht die Form Bearer sk_live_… oder enthält einen Tippfehler oder ist unvollständig."
        }
        Unauthenticated::Ambiguous => {
            "Es wurde mehr als ein Authorization-Header gesendet. Senden Sie genau einen."
        }
        Unauthenticated::Unknown => "Unbekannter API-Schlüssel.",
        Unauthenticated::Revoked => "Dieser API-Schlüssel wurde widerrufen.",
        Unauthenticated::Expired => "Dieser API-Schlüssel ist abgelaufen.",
    }
}

fn too_soon(reason: TooSoon, f: &mut Formatter<'_>) -> Result {
    match reason {
        TooSoon::ReplaysSpent => write!(
            f,
            "Ihre Organisation hat in dieser Stunde bereits {MAX_REPLAYS_PER_HOUR} Zustellungen wiederholt, mehr sind nicht erlaubt. Es wurde nichts gesendet: Warten Sie so viele Sekunden, wie in Retry-After steht."
        ),
        TooSoon::ReplayedJustNow => write!(
            f,
            "Der Endpunkt hat diese Zustellung angenommen, und sie wurde vor weniger als {REPLAYED_AGAIN_MINUTES} Minuten wiederholt. Warten Sie so viele Sekunden, wie in Retry-After steht."
        ),
    }
}

fn conflict(reason: Conflict, f: &mut Formatter<'_>) -> Result {
    f.write_str(match reason {
        Conflict::PhoneTaken { .. } => {
            "Ihre Organisation hat bereits einen Kontakt mit dieser Telefonnummer: siehe existing_id."
        }
        Conflict::IdempotencyKeyReused => {
            "Dieser Idempotency-Key wurde in den letzten 24 Stunden bereits mit einem anderen Body verwendet. Verwenden Sie für eine neue Anfrage einen neuen."
        }
        Conflict::TooManyWebhooks => {
            return write!(
                f,
                "Ihre Organisation hat {MAX_WEBHOOKS} Endpunkte, mehr sind nicht erlaubt. Löschen Sie zuerst einen."
            );
        }
        Conflict::WebhookDisabled => {
            "Dieser Endpunkt ist deaktiviert und erhält nichts. Aktivieren Sie ihn zuerst: PATCH mit {\"status\": \"enabled\"}."
        }
    })
}

fn problem(problem: &Problem, at: &str, f: &mut Formatter<'_>) -> Result {
    match problem {
        Problem::UnknownParameter { allowed } if allowed.is_empty() => {
            write!(f, "Unbekannter Parameter {at:?}. Dieser Pfad hat keine Parameter.")
        }
        Problem::UnknownParameter { allowed } => {
            write!(f, "Unbekannter Parameter {at:?}. Erlaubt sind {}.", allowed.join(", "))
        }
        Problem::UnknownField { allowed: [] } => write!(f, "Unbekanntes Feld {at:?}. Erlaubt ist keines."),
        Problem::UnknownField { allowed } => {
            write!(f, "Unbekanntes Feld {at:?}. Erlaubt sind {}.", allowed.join(", "))
        }
        Problem::Repeated => write!(f, "{at} wurde mehrfach angegeben; erlaubt ist nur eine Angabe."),
        Problem::Missing(what) => missing(*what, at, f),
        Problem::MustBe(what) => must_be(*what, at, f),
        Problem::TooLong { max } => write!(f, "{at} ist länger als {max} Zeichen."),
        Problem::InTheFuture => write!(f, "{at} darf nicht in der Zukunft liegen."),
        Problem::NoSuchWebhook => write!(f, "{at}: In Ihrer Organisation gibt es keinen solchen Endpunkt."),
        Problem::Cursor(wrong) => cursor(*wrong, at, f),
        Problem::Phone(wrong) => phone(*wrong, at, f),
        Problem::Events(wrong) => events(wrong, at, f),
        Problem::Url(wrong) => url(wrong, f),
        Problem::Body(wrong) => body(wrong, f),
        // Only the command meets them, and it speaks English.
        Problem::Key(_) | Problem::Size(_) => english::problem(problem, at, f),
    }
}

fn missing(what: Missing, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} ist erforderlich: ")?;
    match what {
        Missing::Phone => write!(f, "eine Telefonnummer im E.164-Format wie {}.", example::PHONE),
        Missing::Url => write!(f, "eine HTTPS-URL wie {}.", example::URL),
        Missing::Events => {
            write!(f, "eine Liste mit einem oder mehreren der Werte {}, jeder nur einmal.", event_types())
        }
        Missing::Time => write!(f, "ein Zeitpunkt wie {}.", example::TIME),
    }
}

fn must_be(what: Expected, at: &str, f: &mut Formatter<'_>) -> Result {
    match what {
        Expected::OneOf(words) => write!(f, "{at} muss einer der Werte {} sein.", words.join(", ")),
        Expected::Integer { min, max } => write!(f, "{at} muss eine ganze Zahl von {min} bis {max} sein."),
        Expected::Id => write!(f, "{at} muss eine UUID wie {} sein.", example::ID),
        Expected::Email => write!(f, "{at} muss eine E-Mail-Adresse wie {} sein.", example::EMAIL),
        Expected::String => write!(f, "{at} muss ein String sein."),
        Expected::StringOrNull => write!(f, "{at} muss ein String oder null sein."),
        Expected::ShortTextOrNull { max } => {
            write!(f, "{at} muss null oder ein String mit höchstens {max} Zeichen sein.")
        }
        Expected::Boolean => write!(f, "{at} muss true oder false sein."),
        Expected::Time => write!(
            f,
            "{at} muss Datum und Uhrzeit nach ISO 8601 mit Zeitzonenangabe sein, zum Beispiel {}, oder ein Datum.",
            example::TIME
        ),
        Expected::TimeInQuery => write!(
            f,
            "{at} muss Datum und Uhrzeit nach ISO 8601 mit Zeitzonenangabe sein, zum Beispiel {}, oder ein Datum, zum Beispiel {} (Mitternacht UTC).",
            example::TIME,
            example::DATE
        ),
        Expected::LaterThan(other) => write!(f, "{at} muss nach {other} liegen."),
        Expected::IdempotencyKey { max } => {
            write!(f, "{at} muss genau ein Wert aus 1 bis {max} druckbaren ASCII-Zeichen sein.")
        }
    }
}

fn cursor(wrong: BadCursor, at: &str, f: &mut Formatter<'_>) -> Result {
    match wrong {
        BadCursor::Unreadable => {
            write!(f, "{at} ist nicht lesbar: Übergeben Sie next_cursor der vorherigen Seite unverändert.")
        }
        BadCursor::OtherList => write!(
            f,
            "{at} gehört zu einer anderen Liste oder zu anderen Filtern: Lassen Sie since und alle Filter so, wie sie auf der ersten Seite waren."
        ),
    }
}

fn phone(wrong: PhoneProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} muss eine Telefonnummer im E.164-Format wie {} sein", example::PHONE)?;
    match wrong {
        PhoneProblem::NotE164 => f.write_str("."),
        PhoneProblem::ZeroInBrackets => f.write_str(
            ": Eine Null in Klammern entfällt in den meisten Ländern, wenn man aus dem Ausland anruft, aber nicht in \
             allen (in Italien gehört sie zur Nummer). Schreiben Sie die Nummer so, wie man sie aus dem Ausland \
             wählt, ohne Klammern.",
        ),
        PhoneProblem::Character(at_fault) => {
            write!(f, ": {} darf darin nicht vorkommen.", character(at_fault))
        }
    }
}

fn events(wrong: &EventsProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(
        f,
        "{at} muss eine Liste mit einem oder mehreren der Werte {} sein, jeder nur einmal",
        event_types()
    )?;
    match wrong {
        EventsProblem::NotAList => f.write_str("."),
        EventsProblem::Unknown(word) => write!(f, ": {word} ist keiner davon."),
        EventsProblem::Repeated(word) => write!(f, ": {word} ist zweimal enthalten."),
    }
}

fn url(wrong: &UrlProblem, f: &mut Formatter<'_>) -> Result {
    match wrong {
        UrlProblem::TooLong { max } => write!(f, "Die URL ist länger als {max} Bytes."),
        UrlProblem::WhiteSpace => {
            f.write_str("Die URL darf keine Leerraumzeichen und keine Backslashes enthalten.")
        }
        UrlProblem::NotHttps => write!(f, "Die URL muss mit https:// beginnen, wie {}.", example::URL),
        UrlProblem::Credentials => f.write_str(
            "Die URL darf weder Benutzernamen noch Passwort enthalten: Prüfen Sie stattdessen die Signatur.",
        ),
        UrlProblem::Unreadable(what) => {
            write!(f, "Die URL muss die Form {} haben: {}.", example::URL, fault(*what))
        }
        UrlProblem::Fragment => {
            f.write_str("Die URL darf kein Fragment (#) enthalten: Es würde nicht gesendet.")
        }
        UrlProblem::Loopback { host } => write!(
            f,
            "Die URL muss ins öffentliche Internet führen: {host} ist immer der Rechner selbst, auf dem die URL verwendet wird. \
             Verwenden Sie für lokales Arbeiten `inboundflow dev`, ohne --no-loopback-webhooks."
        ),
        UrlProblem::Port { port, allowed } => {
            write!(f, "Die URL darf nicht den Port {port} haben. Erlaubt: {}.", ports(allowed))
        }
        UrlProblem::NotGlobal { ip } => {
            write!(f, "Die URL muss ins öffentliche Internet führen; {ip} liegt nicht darin.")
        }
        UrlProblem::PrivateName { ending } => write!(
            f,
            "Die URL muss ins öffentliche Internet führen: Namen, die auf {ending} enden, gehören zu einem privaten Netz."
        ),
        UrlProblem::EndsWithDot => f.write_str("Der Host der URL darf nicht mit einem Punkt enden."),
        UrlProblem::ShortName { name } => write!(
            f,
            "Der Host der URL muss ein vollständiger Name wie {} sein; {name} ist keiner.",
            example::HOST
        ),
    }
}

fn fault(what: UrlFault) -> &'static str {
    match what {
        UrlFault::EmptyHost => "Der Host ist leer",
        UrlFault::InternationalName => "Der internationalisierte Domainname ist ungültig",
        UrlFault::Port => "Die Portnummer ist ungültig",
        UrlFault::Ipv4 => "Die IPv4-Adresse ist ungültig",
        UrlFault::Ipv6 => "Die IPv6-Adresse ist ungültig",
        UrlFault::DomainCharacter => "Die Domain enthält ein ungültiges Zeichen",
        UrlFault::Other => "Sie ist nicht lesbar",
    }
}

fn body(wrong: &BodyProblem, f: &mut Formatter<'_>) -> Result {
    f.write_str("Der Body muss ein JSON-Objekt sein: ")?;
    match wrong {
        BodyProblem::Empty => f.write_str("Er ist leer."),
        BodyProblem::NotAnObject => f.write_str("Er ist kein Objekt."),
        BodyProblem::NotJson { line, column, ends: true, .. } => {
            write!(f, "Er bricht in Zeile {line}, Spalte {column} ab.")
        }
        BodyProblem::NotJson { line, column, .. } => {
            write!(f, "Er ist in Zeile {line}, Spalte {column} kein gültiges JSON.")
        }
    }
}
