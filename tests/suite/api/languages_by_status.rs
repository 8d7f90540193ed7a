//! Errors of each status in every language: the message differs, and nothing else.

use domain::{Language, RecordId};
use harness::{Client, Fault, Response, World, clock};
use reqwest::Method;
use serde_json::{Value, json};

/// A request, and how it is refused.
struct Refusal {
    client: Client,
    method: Method,
    path: String,
    media_type: &'static str,
    body: Option<String>,
    /// Status, code and `param`.
    error: Error,
    /// In the order of [`Language::ALL`].
    messages: [&'static str; 4],
}

type Error = (u16, &'static str, Option<&'static str>);

impl Refusal {
    fn of_get(client: &Client, path: &str, error: Error, messages: [&'static str; 4]) -> Self {
        let (client, path) = (client.clone(), path.to_owned());
        Self {
            client,
            method: Method::GET,
            path,
            media_type: "application/json",
            body: None,
            error,
            messages,
        }
    }

    fn of_post(client: &Client, body: &str, error: Error, messages: [&'static str; 4]) -> Self {
        let get = Self::of_get(client, "/v1/contacts", error, messages);
        Self { method: Method::POST, body: Some(body.to_owned()), ..get }
    }

    async fn ask(&self, accepted: Option<&str>) -> Response {
        let mut headers = vec![("content-type", self.media_type)];
        headers.extend(accepted.map(|accepted| ("accept-language", accepted)));
        self.client.send(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }

    async fn is_told_in_every_language(&self) {
        let plain = self.ask(None).await;
        assert_eq!(plain.error(), self.error, "{}", plain.text);
        assert_eq!(
            plain.body["error"]["message"], self.messages[0],
            "English unless something else is asked for"
        );
        assert!(!plain.headers.contains_key("content-language"));
        for (language, message) in Language::ALL.into_iter().zip(self.messages) {
            let answer = self.ask(Some(language.tag())).await;
            assert_eq!(answer.error(), self.error, "{}", answer.text);
            assert_eq!(answer.body["error"]["message"], message);
            let tag = if language == Language::English { "" } else { language.tag() };
            assert_eq!((answer.header("content-language"), answer.header("vary")), (tag, "Accept-Language"));
            assert_eq!(all_else(&answer), all_else(&plain));
        }
    }
}

/// What of an error no language changes.
fn all_else(answer: &Response) -> (Value, [String; 5]) {
    let mut error = answer.body["error"].clone();
    error["message"] = Value::Null;
    let headers = ["content-type", "allow", "www-authenticate", "retry-after", "cache-control"];
    (error, headers.map(|name| answer.header(name).to_owned()))
}

#[tokio::test]
async fn a_400_is_told_in_every_language() {
    let world = World::new().await;
    let limit = (400, "bad_request", Some("limit"));
    let limit = Refusal::of_get(
        &world.client,
        "/v1/calls?limit=0",
        limit,
        [
            "limit must be an integer from 1 to 100.",
            "limit muss eine ganze Zahl von 1 bis 100 sein.",
            "limit doit être un entier compris entre 1 et 100.",
            "limit debe ser un número entero de 1 a 100.",
        ],
    );
    limit.is_told_in_every_language().await;
    let no_json = Refusal::of_post(
        &world.client,
        "{\"phone\"}",
        (400, "bad_request", None),
        [
            "The body must be a JSON object: expected `:` at line 1 column 9.",
            "Der Body muss ein JSON-Objekt sein: Er ist in Zeile 1, Spalte 9 kein gültiges JSON.",
            "Le corps doit être un objet JSON : ce n'est pas du JSON valide à la ligne 1, colonne 9.",
            "El cuerpo debe ser un objeto JSON: no es JSON válido en la línea 1, columna 9.",
        ],
    );
    no_json.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_401_is_told_in_every_language() {
    let nobody = World::new().await.client.with_key(None);
    let refusal = Refusal::of_get(
        &nobody,
        "/v1/calls",
        (401, "unauthorized", None),
        [
            "Missing API key. Send the header: Authorization: Bearer sk_live_…",
            "Der API-Schlüssel fehlt. Senden Sie den Header: Authorization: Bearer sk_live_…",
            "Clé API manquante. Envoyez l'en-tête : Authorization: Bearer sk_live_…",
            "Falta la clave de API. Envíe el encabezado: Authorization: Bearer sk_live_…",
        ],
    );
    refusal.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_403_is_told_in_every_language() {
    let world = World::new().await;
    let narrow = world.client.with_key(Some(&world.key(&[], 60).await));
    let refusal = Refusal::of_get(
        &narrow,
        "/v1/leads",
        (403, "forbidden", None),
        [
            "This API key lacks the scope leads:read. Use a key that was created with it.",
            "Diesem API-Schlüssel fehlt der Scope leads:read. Verwenden Sie einen Schlüssel, der mit diesem Scope erstellt wurde.",
            "Il manque à cette clé API le scope leads:read. Utilisez une clé créée avec ce scope.",
            "A esta clave de API le falta el ámbito leads:read. Use una clave creada con ese ámbito.",
        ],
    );
    refusal.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_404_is_told_in_every_language() {
    let world = World::new().await;
    let path = format!("/v1/calls/{}", RecordId::random());
    let no_record = Refusal::of_get(
        &world.client,
        &path,
        (404, "not_found", None),
        [
            "There is no such record in your organization.",
            "In Ihrer Organisation gibt es keinen solchen Datensatz.",
            "Cette ressource n'existe pas dans votre organisation.",
            "No existe ese registro en su organización.",
        ],
    );
    no_record.is_told_in_every_language().await;
    let no_path = Refusal::of_get(
        &world.client,
        "/v1/appels",
        (404, "not_found", None),
        [
            "There is no such path. The API's paths begin with /v1 and have no trailing slash.",
            "Diesen Pfad gibt es nicht. Die Pfade der API beginnen mit /v1 und haben keinen Schrägstrich am Ende.",
            "Ce chemin n'existe pas. Les chemins de l'API commencent par /v1 et n'ont pas de barre oblique finale.",
            "Esta ruta no existe. Las rutas de la API comienzan con /v1 y no llevan barra al final.",
        ],
    );
    no_path.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_405_is_told_in_every_language() {
    let world = World::new().await;
    let get = Refusal::of_get(
        &world.client,
        "/v1/contacts",
        (405, "method_not_allowed", None),
        [
            "This path does not take that method. Allowed are GET, HEAD, POST.",
            "Dieser Pfad unterstützt diese Methode nicht. Erlaubt sind GET, HEAD, POST.",
            "Ce chemin n'accepte pas cette méthode. Méthodes autorisées : GET, HEAD, POST.",
            "Esta ruta no admite ese método. Se permiten GET, HEAD, POST.",
        ],
    );
    Refusal { method: Method::DELETE, ..get }.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_409_is_told_in_every_language() {
    let world = World::new().await;
    let contact = json!({"phone": "+14155559999"});
    let existing = world.client.post("/v1/contacts", &contact).await.ok()["data"]["id"].clone();
    let taken = (409, "conflict", Some("phone"));
    let taken = Refusal::of_post(
        &world.client,
        &contact.to_string(),
        taken,
        [
            "Your organization already has a contact with this phone number: see existing_id.",
            "Ihre Organisation hat bereits einen Kontakt mit dieser Telefonnummer: siehe existing_id.",
            "Votre organisation a déjà un contact avec ce numéro de téléphone : voir existing_id.",
            "Su organización ya tiene un contacto con este número telefónico: consulte existing_id.",
        ],
    );
    taken.is_told_in_every_language().await;
    assert_eq!(taken.ask(Some("fr")).await.body["error"]["existing_id"], existing);
}

#[tokio::test]
async fn a_413_is_told_in_every_language() {
    let world = World::new().await;
    let body = " ".repeat(65_537);
    let refusal = Refusal::of_post(
        &world.client,
        &body,
        (413, "payload_too_large", None),
        [
            "The body is over 65536 bytes.",
            "Der Body ist größer als 65536 Bytes.",
            "Le corps dépasse 65536 octets.",
            "El cuerpo supera los 65536 bytes.",
        ],
    );
    refusal.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_415_is_told_in_every_language() {
    let world = World::new().await;
    let error = (415, "unsupported_media_type", Some("Content-Type"));
    let json = Refusal::of_post(
        &world.client,
        "{}",
        error,
        [
            "The body must be JSON in UTF-8: send the header Content-Type: application/json.",
            "Der Body muss JSON in UTF-8 sein: Senden Sie den Header Content-Type: application/json.",
            "Le corps doit être du JSON en UTF-8 : envoyez l'en-tête Content-Type: application/json.",
            "El cuerpo debe ser JSON en UTF-8: envíe el encabezado Content-Type: application/json.",
        ],
    );
    Refusal { media_type: "text/plain", ..json }.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_429_is_told_in_every_language() {
    let (_, clock) = clock("2026-02-24T20:59:17.400Z");
    let world = World::with_clock(clock).await;
    let client = world.client.with_key(Some(&world.key(&[], 1).await));
    assert_eq!(client.get("/v1/me").await.status, 200);
    let refusal = Refusal::of_get(
        &client,
        "/v1/me",
        (429, "rate_limited", None),
        [
            "Too many requests with this API key. Wait for the seconds in Retry-After.",
            "Zu viele Anfragen mit diesem API-Schlüssel. Warten Sie so viele Sekunden, wie in Retry-After steht.",
            "Trop de requêtes avec cette clé API. Attendez le nombre de secondes indiqué dans Retry-After.",
            "Demasiadas solicitudes con esta clave de API. Espere los segundos que indica Retry-After.",
        ],
    );
    refusal.is_told_in_every_language().await;
}

#[tokio::test]
async fn a_500_is_told_in_every_language() {
    let world = World::new().await;
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    let refusal = Refusal::of_get(
        &world.client,
        "/v1/leads",
        (500, "internal_error", None),
        [
            "Something went wrong on our side. Try again; if it stays, quote the request id.",
            "Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut; bleibt er bestehen, geben Sie die Request-ID an.",
            "Une erreur s'est produite de notre côté. Réessayez ; si elle persiste, indiquez l'identifiant de la requête.",
            "Se produjo un error de nuestro lado. Inténtelo de nuevo; si persiste, indique el identificador de la solicitud.",
        ],
    );
    refusal.is_told_in_every_language().await;
}
