//! The messages of errors that only HTTP has, in every language. All other messages are the domain's.

use domain::{
    Language::{self, English, French, German, Spanish},
    catalogue::MAX_BODY_BYTES,
};

use crate::ApiError;

impl ApiError {
    /// The message for whoever sent the request.
    pub(crate) fn message(&self, language: Language) -> String {
        match self {
            Self::Domain(error) => error.message(language),
            Self::NoSuchPath => no_such_path(language).to_owned(),
            Self::MethodNotAllowed { allow } => method_not_allowed(allow, language),
            Self::PayloadTooLarge => payload_too_large(language),
            Self::UnsupportedMediaType => unsupported_media_type(language).to_owned(),
            Self::UnsupportedCoding => unsupported_coding(language).to_owned(),
            Self::Unreadable => unreadable(language).to_owned(),
        }
    }
}

fn no_such_path(language: Language) -> &'static str {
    match language {
        English => "There is no such path. The API's paths begin with /v1 and have no trailing slash.",
        German => {
            "Diesen Pfad gibt es nicht. Die Pfade der API beginnen mit /v1 und haben keinen Schrägstrich am Ende."
        }
        French => {
            "Ce chemin n'existe pas. Les chemins de l'API commencent par /v1 et n'ont pas de barre oblique finale."
        }
        Spanish => "Esta ruta no existe. Las rutas de la API comienzan con /v1 y no llevan barra al final.",
    }
}

fn method_not_allowed(allow: &str, language: Language) -> String {
    match language {
        English => format!("This path does not take that method. Allowed are {allow}."),
        German => format!("Dieser Pfad unterstützt diese Methode nicht. Erlaubt sind {allow}."),
        French => format!("Ce chemin n'accepte pas cette méthode. Méthodes autorisées : {allow}."),
        Spanish => format!("Esta ruta no admite ese método. Se permiten {allow}."),
    }
}

fn payload_too_large(language: Language) -> String {
    match language {
        English => format!("The body is over {MAX_BODY_BYTES} bytes."),
        German => format!("Der Body ist größer als {MAX_BODY_BYTES} Bytes."),
        French => format!("Le corps dépasse {MAX_BODY_BYTES} octets."),
        Spanish => format!("El cuerpo supera los {MAX_BODY_BYTES} bytes."),
    }
}

fn unsupported_media_type(language: Language) -> &'static str {
    match language {
        English => "The body must be JSON in UTF-8: send the header Content-Type: application/json.",
        German => "Der Body muss JSON in UTF-8 sein: Senden Sie den Header Content-Type: application/json.",
        French => "Le corps doit être du JSON en UTF-8 : envoyez l'en-tête Content-Type: application/json.",
        Spanish => "El cuerpo debe ser JSON en UTF-8: envíe el encabezado Content-Type: application/json.",
    }
}

fn unsupported_coding(language: Language) -> &'static str {
    match language {
        English => {
            "The body is compressed in a way that is not read here: send it without the header Content-Encoding."
        }
        German => {
            "Der Body ist auf eine Weise komprimiert, die hier nicht gelesen wird: Senden Sie ihn ohne den Header Content-Encoding."
        }
        French => {
            "Le corps est compressé d'une façon qui n'est pas lue ici : envoyez-le sans l'en-tête Content-Encoding."
        }
        Spanish => {
            "El cuerpo está comprimido de una forma que aquí no se lee: envíelo sin el encabezado Content-Encoding."
        }
    }
}

fn unreadable(language: Language) -> &'static str {
    match language {
        English => "The request could not be read.",
        German => "Die Anfrage konnte nicht gelesen werden.",
        French => "La requête n'a pas pu être lue.",
        Spanish => "No se pudo leer la solicitud.",
    }
}

#[cfg(test)]
mod tests {
    use domain::Error;

    use super::*;

    /// Each error that only HTTP has, and what its messages have in common in every language.
    fn errors() -> [(ApiError, &'static [&'static str]); 7] {
        let allow = "GET, HEAD, POST".to_owned();
        let errors = [
            ApiError::Domain(Error::NotFound),
            ApiError::NoSuchPath,
            ApiError::MethodNotAllowed { allow },
            ApiError::PayloadTooLarge,
            ApiError::UnsupportedMediaType,
            ApiError::UnsupportedCoding,
            ApiError::Unreadable,
        ];
        errors.map(|error| {
            let data: &[&str] = match &error {
                ApiError::Domain(_) | ApiError::Unreadable => &[],
                ApiError::NoSuchPath => &["API", "/v1"],
                ApiError::MethodNotAllowed { .. } => &["GET, HEAD, POST"],
                ApiError::PayloadTooLarge => &["65536"],
                ApiError::UnsupportedCoding => &["Content-Encoding"],
                ApiError::UnsupportedMediaType => &["JSON", "UTF-8", "Content-Type: application/json"],
            };
            (error, data)
        })
    }

    #[test]
    fn every_error_has_its_message_in_every_language_with_the_same_data() {
        for (error, data) in errors() {
            let messages = Language::ALL.map(|language| error.message(language));
            for (at, message) in messages.iter().enumerate() {
                assert!(!messages[..at].contains(message), "{message}");
                assert!(data.iter().all(|word| message.contains(word)), "{message}");
            }
        }
    }
}
