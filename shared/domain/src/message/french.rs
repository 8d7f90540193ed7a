//! The messages in French.

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
        Error::Forbidden(scope) => {
            write!(f, "Il manque à cette clé API le scope {scope}. Utilisez une clé créée avec ce scope.")
        }
        Error::NotFound => f.write_str("Cette ressource n'existe pas dans votre organisation."),
        Error::Conflict(reason) => conflict(*reason, f),
        Error::Invalid { param, problem: wrong } => problem(wrong, param.as_deref().unwrap_or_default(), f),
        Error::RateLimited => f.write_str(
            "Trop de requêtes avec cette clé API. Attendez le nombre de secondes indiqué dans Retry-After.",
        ),
        Error::TooSoon { reason, .. } => too_soon(*reason, f),
        Error::Contended(_) => f.write_str(
            "La même ressource était modifiée par d'autres au même moment ; rien n'a donc été modifié. Attendez le nombre de secondes indiqué dans Retry-After, puis réessayez.",
        ),
        Error::Busy(_) => f.write_str(
            "Le service est surchargé en ce moment. Attendez le nombre de secondes indiqué dans Retry-After, puis réessayez.",
        ),
        Error::Internal(_) => f.write_str(
            "Une erreur s'est produite de notre côté. Réessayez ; si elle persiste, indiquez l'identifiant de la requête.",
        ),
    }
}

fn unauthenticated(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::Missing => "Clé API manquante. Envoyez l'en-tête : Authorization: Bearer sk_live_…",
        Unauthenticated::Malformed => {
            "Clé API mal formée : elle n'est pas de la forme Bearer sk_live_…, ou elle a été mal saisie ou tronquée."
        }
        Unauthenticated::Ambiguous => {
            "Plusieurs en-têtes Authorization ont été envoyés. Envoyez-en exactement un."
        }
        Unauthenticated::Unknown => "Clé API inconnue.",
        Unauthenticated::Revoked => "Cette clé API a été révoquée.",
        Unauthenticated::Expired => "Cette clé API a expiré.",
    }
}

fn too_soon(reason: TooSoon, f: &mut Formatter<'_>) -> Result {
    match reason {
        TooSoon::ReplaysSpent => write!(
            f,
            "Votre organisation a déjà rejoué {MAX_REPLAYS_PER_HOUR} livraisons au cours de cette heure, le maximum autorisé. Rien n'a été envoyé : attendez le nombre de secondes indiqué dans Retry-After."
        ),
        TooSoon::ReplayedJustNow => write!(
            f,
            "L'endpoint a accepté cette livraison, et elle a été rejouée il y a moins de {REPLAYED_AGAIN_MINUTES} minutes. Attendez le nombre de secondes indiqué dans Retry-After."
        ),
    }
}

fn conflict(reason: Conflict, f: &mut Formatter<'_>) -> Result {
    f.write_str(match reason {
        Conflict::PhoneTaken { .. } => {
            "Votre organisation a déjà un contact avec ce numéro de téléphone : voir existing_id."
        }
        Conflict::IdempotencyKeyReused => {
            "Cette Idempotency-Key a été utilisée avec un autre corps au cours des dernières 24 heures. Utilisez-en une nouvelle pour une nouvelle requête."
        }
        Conflict::TooManyWebhooks => {
            return write!(
                f,
                "Votre organisation a {MAX_WEBHOOKS} endpoints, le maximum autorisé. Supprimez-en d'abord un."
            );
        }
        Conflict::WebhookDisabled => {
            "Cet endpoint est désactivé et ne reçoit rien. Activez-le d'abord : PATCH avec {\"status\": \"enabled\"}."
        }
    })
}

fn problem(problem: &Problem, at: &str, f: &mut Formatter<'_>) -> Result {
    match problem {
        Problem::UnknownParameter { allowed } if allowed.is_empty() => {
            write!(f, "Paramètre inconnu : {at:?}. Ce chemin n'en accepte aucun.")
        }
        Problem::UnknownParameter { allowed } => {
            write!(f, "Paramètre inconnu : {at:?}. Paramètres autorisés : {}.", allowed.join(", "))
        }
        Problem::UnknownField { allowed: [] } => {
            write!(f, "Champ inconnu : {at:?}. Aucun champ n'est autorisé.")
        }
        Problem::UnknownField { allowed } => {
            write!(f, "Champ inconnu : {at:?}. Champs autorisés : {}.", allowed.join(", "))
        }
        Problem::Repeated => write!(f, "{at} figure plusieurs fois ; indiquez-le une seule fois."),
        Problem::Missing(what) => missing(*what, at, f),
        Problem::MustBe(what) => must_be(*what, at, f),
        Problem::TooLong { max } => write!(f, "{at} dépasse {max} caractères."),
        Problem::InTheFuture => write!(f, "{at} ne doit pas être dans le futur."),
        Problem::NoSuchWebhook => {
            write!(f, "{at} : cet endpoint n'existe pas dans votre organisation.")
        }
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
    write!(f, "{at} est obligatoire : ")?;
    match what {
        Missing::Phone => write!(f, "un numéro de téléphone au format E.164, tel que {}.", example::PHONE),
        Missing::Url => write!(f, "une URL HTTPS telle que {}.", example::URL),
        Missing::Events => {
            write!(f, "une liste d'une ou plusieurs des valeurs {}, chacune une seule fois.", event_types())
        }
        Missing::Time => write!(f, "un horodatage tel que {}.", example::TIME),
    }
}

fn must_be(what: Expected, at: &str, f: &mut Formatter<'_>) -> Result {
    match what {
        Expected::OneOf(words) => write!(f, "{at} doit être l'une des valeurs {}.", words.join(", ")),
        Expected::Integer { min, max } => write!(f, "{at} doit être un entier compris entre {min} et {max}."),
        Expected::Id => write!(f, "{at} doit être un UUID tel que {}.", example::ID),
        Expected::Email => write!(f, "{at} doit être une adresse e-mail telle que {}.", example::EMAIL),
        Expected::String => write!(f, "{at} doit être une chaîne de caractères."),
        Expected::StringOrNull => write!(f, "{at} doit être une chaîne de caractères ou null."),
        Expected::ShortTextOrNull { max } => {
            write!(f, "{at} doit être null ou une chaîne de {max} caractères au maximum.")
        }
        Expected::Boolean => write!(f, "{at} doit être true ou false."),
        Expected::Time => write!(
            f,
            "{at} doit être un horodatage ISO 8601 avec décalage horaire, tel que {}, ou une date.",
            example::TIME
        ),
        Expected::TimeInQuery => write!(
            f,
            "{at} doit être un horodatage ISO 8601 avec décalage horaire, tel que {}, ou une date, telle que {} (minuit UTC).",
            example::TIME,
            example::DATE
        ),
        Expected::LaterThan(other) => write!(f, "{at} doit être postérieur à {other}."),
        Expected::IdempotencyKey { max } => {
            write!(f, "{at} doit être une seule valeur de 1 à {max} caractères ASCII imprimables.")
        }
    }
}

fn cursor(wrong: BadCursor, at: &str, f: &mut Formatter<'_>) -> Result {
    match wrong {
        BadCursor::Unreadable => {
            write!(f, "{at} est illisible : renvoyez next_cursor de la page précédente, sans le modifier.")
        }
        BadCursor::OtherList => write!(
            f,
            "{at} provient d'une autre liste ou d'autres filtres : conservez since et chaque filtre tels qu'ils étaient sur la première page."
        ),
    }
}

fn phone(wrong: PhoneProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} doit être un numéro de téléphone au format E.164, tel que {}", example::PHONE)?;
    match wrong {
        PhoneProblem::NotE164 => f.write_str("."),
        PhoneProblem::ZeroInBrackets => f.write_str(
            " : dans la plupart des pays, un zéro entre parenthèses est omis lorsqu'on appelle de l'étranger, mais pas \
             dans tous (en Italie, il fait partie du numéro). Écrivez le numéro tel qu'on le compose depuis \
             l'étranger, sans parenthèses.",
        ),
        PhoneProblem::Character(at_fault) => {
            write!(f, " : {} ne doit pas y figurer.", character(at_fault))
        }
    }
}

fn events(wrong: &EventsProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(
        f,
        "{at} doit être une liste d'une ou plusieurs des valeurs {}, chacune une seule fois",
        event_types()
    )?;
    match wrong {
        EventsProblem::NotAList => f.write_str("."),
        EventsProblem::Unknown(word) => write!(f, " : {word} n'en fait pas partie."),
        EventsProblem::Repeated(word) => write!(f, " : {word} y figure deux fois."),
    }
}

fn url(wrong: &UrlProblem, f: &mut Formatter<'_>) -> Result {
    match wrong {
        UrlProblem::TooLong { max } => write!(f, "L'URL dépasse {max} octets."),
        UrlProblem::WhiteSpace => {
            f.write_str("L'URL ne doit contenir ni caractère d'espacement ni barre oblique inverse.")
        }
        UrlProblem::NotHttps => write!(f, "L'URL doit commencer par https://, comme {}.", example::URL),
        UrlProblem::Credentials => f.write_str(
            "L'URL ne doit contenir ni nom d'utilisateur ni mot de passe : vérifiez plutôt la signature.",
        ),
        UrlProblem::Unreadable(what) => {
            write!(f, "L'URL doit être de la forme {} : {}.", example::URL, fault(*what))
        }
        UrlProblem::Fragment => {
            f.write_str("L'URL ne doit pas contenir de fragment (#) : il ne serait pas envoyé.")
        }
        UrlProblem::Loopback { host } => write!(
            f,
            "L'URL doit mener à l'Internet public : {host} désigne toujours la machine même qui utilise l'URL. \
             Pour travailler en local, utilisez `inboundflow dev`, sans --no-loopback-webhooks."
        ),
        UrlProblem::Port { port, allowed } => {
            write!(f, "L'URL ne doit pas avoir le port {port}. Ports autorisés : {}.", ports(allowed))
        }
        UrlProblem::NotGlobal { ip } => {
            write!(f, "L'URL doit mener à l'Internet public, dont {ip} ne fait pas partie.")
        }
        UrlProblem::PrivateName { ending } => write!(
            f,
            "L'URL doit mener à l'Internet public : les noms qui se terminent par {ending} sont ceux d'un réseau privé."
        ),
        UrlProblem::EndsWithDot => f.write_str("L'hôte de l'URL ne doit pas se terminer par un point."),
        UrlProblem::ShortName { name } => write!(
            f,
            "L'hôte de l'URL doit être un nom complet tel que {}, ce que {name} n'est pas.",
            example::HOST
        ),
    }
}

fn fault(what: UrlFault) -> &'static str {
    match what {
        UrlFault::EmptyHost => "l'hôte est vide",
        UrlFault::InternationalName => "le nom de domaine internationalisé n'est pas valide",
        UrlFault::Port => "le numéro de port n'est pas valide",
        UrlFault::Ipv4 => "l'adresse IPv4 n'est pas valide",
        UrlFault::Ipv6 => "l'adresse IPv6 n'est pas valide",
        UrlFault::DomainCharacter => "le domaine contient un caractère non valide",
        UrlFault::Other => "elle est illisible",
    }
}

fn body(wrong: &BodyProblem, f: &mut Formatter<'_>) -> Result {
    f.write_str("Le corps doit être un objet JSON : ")?;
    match wrong {
        BodyProblem::Empty => f.write_str("il est vide."),
        BodyProblem::NotAnObject => f.write_str("ce n'est pas un objet."),
        BodyProblem::NotJson { line, column, ends: true, .. } => {
            write!(f, "il s'interrompt à la ligne {line}, colonne {column}.")
        }
        BodyProblem::NotJson { line, column, .. } => {
            write!(f, "ce n'est pas du JSON valide à la ligne {line}, colonne {column}.")
        }
    }
}
