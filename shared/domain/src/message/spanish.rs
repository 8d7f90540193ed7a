//! The messages in Spanish.

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
            write!(f, "A esta clave de API le falta el ámbito {scope}. Use una clave creada con ese ámbito.")
        }
        Error::NotFound => f.write_str("No existe ese registro en su organización."),
        Error::Conflict(reason) => conflict(*reason, f),
        Error::Invalid { param, problem: wrong } => problem(wrong, param.as_deref().unwrap_or_default(), f),
        Error::RateLimited => f.write_str(
            "Demasiadas solicitudes con esta clave de API. Espere los segundos que indica Retry-After.",
        ),
        Error::TooSoon { reason, .. } => too_soon(*reason, f),
        Error::Contended(_) => f.write_str(
            "Otros estaban modificando el mismo registro en ese momento, por lo que no se modificó nada. Espere los segundos que indica Retry-After e inténtelo de nuevo.",
        ),
        Error::Busy(_) => f.write_str(
            "El servicio está saturado en este momento. Espere los segundos que indica Retry-After e inténtelo de nuevo.",
        ),
        Error::Internal(_) => f.write_str(
            "Se produjo un error de nuestro lado. Inténtelo de nuevo; si persiste, indique el identificador de la solicitud.",
        ),
    }
}

fn unauthenticated(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::Missing => {
            "Falta la clave de API. Envíe el encabezado: Authorization: Bearer sk_live_…"
        }
        Unauthenticated::Malformed => {
            "Clave de API mal formada: no tiene la forma Bearer sk_live_…, o se escribió mal o está incompleta."
        }
        Unauthenticated::Ambiguous => "Se envió más de un encabezado Authorization. Envíe exactamente uno.",
        Unauthenticated::Unknown => "Clave de API desconocida.",
        Unauthenticated::Revoked => "Esta clave de API fue revocada.",
        Unauthenticated::Expired => "Esta clave de API ha expirado.",
    }
}

fn too_soon(reason: TooSoon, f: &mut Formatter<'_>) -> Result {
    match reason {
        TooSoon::ReplaysSpent => write!(
            f,
            "Su organización ya reenvió {MAX_REPLAYS_PER_HOUR} entregas en esta hora, el máximo permitido. No se envió nada: espere los segundos que indica Retry-After."
        ),
        TooSoon::ReplayedJustNow => write!(
            f,
            "El endpoint aceptó esta entrega, y se reenvió hace menos de {REPLAYED_AGAIN_MINUTES} minutos. Espere los segundos que indica Retry-After."
        ),
    }
}

fn conflict(reason: Conflict, f: &mut Formatter<'_>) -> Result {
    f.write_str(match reason {
        Conflict::PhoneTaken { .. } => {
            "Su organización ya tiene un contacto con este número telefónico: consulte existing_id."
        }
        Conflict::IdempotencyKeyReused => {
            "Esta Idempotency-Key se usó con otro cuerpo en las últimas 24 horas. Use una nueva para una solicitud nueva."
        }
        Conflict::TooManyWebhooks => {
            return write!(
                f,
                "Su organización tiene {MAX_WEBHOOKS} endpoints, el máximo permitido. Elimine uno primero."
            );
        }
        Conflict::WebhookDisabled => {
            "Este endpoint está deshabilitado y no recibe nada. Habilítelo primero: PATCH con {\"status\": \"enabled\"}."
        }
    })
}

fn problem(problem: &Problem, at: &str, f: &mut Formatter<'_>) -> Result {
    match problem {
        Problem::UnknownParameter { allowed } if allowed.is_empty() => {
            write!(f, "Parámetro desconocido: {at:?}. Esta ruta no admite ninguno.")
        }
        Problem::UnknownParameter { allowed } => {
            write!(f, "Parámetro desconocido: {at:?}. Se permiten {}.", allowed.join(", "))
        }
        Problem::UnknownField { allowed: [] } => {
            write!(f, "Campo desconocido: {at:?}. No se permite ninguno.")
        }
        Problem::UnknownField { allowed } => {
            write!(f, "Campo desconocido: {at:?}. Se permiten {}.", allowed.join(", "))
        }
        Problem::Repeated => write!(f, "{at} se indicó más de una vez; indíquelo una sola vez."),
        Problem::Missing(what) => missing(*what, at, f),
        Problem::MustBe(what) => must_be(*what, at, f),
        Problem::TooLong { max } => write!(f, "{at} supera los {max} caracteres."),
        Problem::InTheFuture => write!(f, "{at} no debe estar en el futuro."),
        Problem::NoSuchWebhook => write!(f, "{at}: no existe ese endpoint en su organización."),
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
    write!(f, "{at} es obligatorio: ")?;
    match what {
        Missing::Phone => write!(f, "un número telefónico en formato E.164, como {}.", example::PHONE),
        Missing::Url => write!(f, "una URL HTTPS como {}.", example::URL),
        Missing::Events => {
            write!(f, "una lista de uno o más de los valores {}, cada uno una sola vez.", event_types())
        }
        Missing::Time => write!(f, "una fecha y hora como {}.", example::TIME),
    }
}

fn must_be(what: Expected, at: &str, f: &mut Formatter<'_>) -> Result {
    match what {
        Expected::OneOf(words) => write!(f, "{at} debe ser uno de los valores {}.", words.join(", ")),
        Expected::Integer { min, max } => write!(f, "{at} debe ser un número entero de {min} a {max}."),
        Expected::Id => write!(f, "{at} debe ser un UUID como {}.", example::ID),
        Expected::Email => {
            write!(f, "{at} debe ser una dirección de correo electrónico como {}.", example::EMAIL)
        }
        Expected::String => write!(f, "{at} debe ser una cadena de texto."),
        Expected::StringOrNull => write!(f, "{at} debe ser una cadena de texto o null."),
        Expected::ShortTextOrNull { max } => {
            write!(f, "{at} debe ser null o una cadena de texto de {max} caracteres como máximo.")
        }
        Expected::Boolean => write!(f, "{at} debe ser true o false."),
        Expected::Time => write!(
            f,
            "{at} debe ser una fecha y hora ISO 8601 con su desfase horario, como {}, o una fecha.",
            example::TIME
        ),
        Expected::TimeInQuery => write!(
            f,
            "{at} debe ser una fecha y hora ISO 8601 con su desfase horario, como {}, o una fecha, como {} (medianoche UTC).",
            example::TIME,
            example::DATE
        ),
        Expected::LaterThan(other) => write!(f, "{at} debe ser posterior a {other}."),
        Expected::IdempotencyKey { max } => {
            write!(f, "{at} debe ser un solo valor de 1 a {max} caracteres ASCII imprimibles.")
        }
    }
}

fn cursor(wrong: BadCursor, at: &str, f: &mut Formatter<'_>) -> Result {
    match wrong {
        BadCursor::Unreadable => {
            write!(f, "{at} es ilegible: envíe next_cursor de la página anterior, sin cambios.")
        }
        BadCursor::OtherList => write!(
            f,
            "{at} pertenece a otra lista o a otros filtros: mantenga since y todos los filtros como estaban en la primera página."
        ),
    }
}

fn phone(wrong: PhoneProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} debe ser un número telefónico en formato E.164, como {}", example::PHONE)?;
    match wrong {
        PhoneProblem::NotE164 => f.write_str("."),
        PhoneProblem::ZeroInBrackets => f.write_str(
            ": en la mayoría de los países, un cero entre paréntesis se omite al llamar desde el extranjero, pero no en \
             todos (en Italia forma parte del número). Escriba el número tal como se marca desde el extranjero, sin \
             paréntesis.",
        ),
        PhoneProblem::Character(at_fault) => {
            write!(f, ": {} no puede figurar en él.", character(at_fault))
        }
    }
}

fn events(wrong: &EventsProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(
        f,
        "{at} debe ser una lista de uno o más de los valores {}, cada uno una sola vez",
        event_types()
    )?;
    match wrong {
        EventsProblem::NotAList => f.write_str("."),
        EventsProblem::Unknown(word) => write!(f, ": {word} no es ninguno de ellos."),
        EventsProblem::Repeated(word) => write!(f, ": {word} aparece dos veces."),
    }
}

fn url(wrong: &UrlProblem, f: &mut Formatter<'_>) -> Result {
    match wrong {
        UrlProblem::TooLong { max } => write!(f, "La URL supera los {max} bytes."),
        UrlProblem::WhiteSpace => {
            f.write_str("La URL no debe contener espacios en blanco ni barras invertidas.")
        }
        UrlProblem::NotHttps => write!(f, "La URL debe comenzar con https://, como {}.", example::URL),
        UrlProblem::Credentials => f.write_str(
            "La URL no debe contener nombre de usuario ni contraseña: verifique en su lugar la firma.",
        ),
        UrlProblem::Unreadable(what) => {
            write!(f, "La URL debe tener la forma {}: {}.", example::URL, fault(*what))
        }
        UrlProblem::Fragment => f.write_str("La URL no debe contener un fragmento (#): no se enviaría."),
        UrlProblem::Loopback { host } => write!(
            f,
            "La URL debe llevar a la Internet pública: {host} es siempre la propia máquina que usa la URL. \
             Para trabajar en local, use `inboundflow dev`, sin --no-loopback-webhooks."
        ),
        UrlProblem::Port { port, allowed } => {
            write!(f, "La URL no debe tener el puerto {port}. Permitidos: {}.", ports(allowed))
        }
        UrlProblem::NotGlobal { ip } => {
            write!(f, "La URL debe llevar a la Internet pública, a la que {ip} no pertenece.")
        }
        UrlProblem::PrivateName { ending } => write!(
            f,
            "La URL debe llevar a la Internet pública: los nombres que terminan en {ending} son de una red privada."
        ),
        UrlProblem::EndsWithDot => f.write_str("El host de la URL no debe terminar en punto."),
        UrlProblem::ShortName { name } => write!(
            f,
            "El host de la URL debe ser un nombre completo como {}, y {name} no lo es.",
            example::HOST
        ),
    }
}

fn fault(what: UrlFault) -> &'static str {
    match what {
        UrlFault::EmptyHost => "el host está vacío",
        UrlFault::InternationalName => "el nombre de dominio internacionalizado no es válido",
        UrlFault::Port => "el número de puerto no es válido",
        UrlFault::Ipv4 => "la dirección IPv4 no es válida",
        UrlFault::Ipv6 => "la dirección IPv6 no es válida",
        UrlFault::DomainCharacter => "el dominio contiene un carácter no válido",
        UrlFault::Other => "no se puede leer",
    }
}

fn body(wrong: &BodyProblem, f: &mut Formatter<'_>) -> Result {
    f.write_str("El cuerpo debe ser un objeto JSON: ")?;
    match wrong {
        BodyProblem::Empty => f.write_str("está vacío."),
        BodyProblem::NotAnObject => f.write_str("no es un objeto."),
        BodyProblem::NotJson { line, column, ends: true, .. } => {
            write!(f, "se interrumpe en la línea {line}, columna {column}.")
        }
        BodyProblem::NotJson { line, column, .. } => {
            write!(f, "no es JSON válido en la línea {line}, columna {column}.")
        }
    }
}
