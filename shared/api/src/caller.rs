//! The caller of a request: the proof that its key may do what the route does, and the only way to the store.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, header, request::Parts},
};
use domain::{
    Error, Kind, Organization, OrganizationId, Resource, Scope, Scopes, Unauthenticated, key::ApiKey,
};
use futures_util::join;
use store::{Changes, Identity, Items, Recall, Store};

use crate::{ApiError, App, exchange::Exchange};

/// The access of a route to its resource.
pub trait Access: Send + Sync + 'static {
    /// The scope that the access takes.
    fn scope(resource: &Resource) -> Option<Scope>;
}

/// The access to read records.
pub struct Read;

/// The access to create, change and delete records, and to have something sent.
pub struct Write;

impl Access for Read {
    fn scope(resource: &Resource) -> Option<Scope> {
        resource.read
    }
}

impl Access for Write {
    fn scope(resource: &Resource) -> Option<Scope> {
        resource.write
    }
}

/// A caller with the access `A` to the resource `T`. As a handler's first argument it is extracted before the rest of the request:
/// its key has been checked, or was good the last time and is being checked again. Nothing is answered or changed before that
/// check is over.
pub struct Caller<T, A> {
    organization: OrganizationId,
    items: Items<T>,
    store: Store,
    exchange: Arc<Exchange>,
    access: PhantomData<fn() -> A>,
}

impl<T: Kind, A> Caller<T, A> {
    /// The records of the caller's organization, to be read. The count of the request may still be under way; the response
    /// waits for it.
    #[must_use]
    pub fn items(&self) -> &Items<T> {
        &self.items
    }
}

impl<T: Kind> Caller<T, Write> {
    /// The records of the caller's organization, to be changed, once the request has been counted and admitted.
    ///
    /// # Errors
    /// When the request is not admitted.
    pub async fn changes(&self) -> Result<Changes<T>, Error> {
        let identity = self.exchange.confirmed().await?;
        Ok(self.store.changes(identity.organization))
    }

    /// Runs a look-up beside the count, and returns its result with the records to be changed.
    ///
    /// # Errors
    /// When the request is not admitted, or else the error of the look-up.
    pub async fn changes_after<R>(
        &self,
        look_up: impl Future<Output = Result<R, Error>>,
    ) -> Result<(Changes<T>, R), Error> {
        // Both to their end: a call that is dropped costs its connection.
        let (changes, found) = join!(self.changes(), look_up);
        Ok((changes?, found?))
    }
}

impl<A> Caller<Organization, A> {
    /// The caller's organization, and the scopes of the key.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked, or the request may not be answered.
    pub async fn organization(&self) -> Result<(Organization, Scopes), Error> {
        let organization = self.store.organization(self.organization);
        let (organization, identity) = join!(organization, self.exchange.confirmed());
        match organization {
            // The keys of an organization that was removed no longer work.
            Err(Error::NotFound) => Err(Unauthenticated::Revoked.into()),
            organization => Ok((organization?, identity?.scopes.clone())),
        }
    }
}

impl<T: Kind, A: Access> FromRequestParts<App> for Caller<T, A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let exchange = parts.extensions.get::<Arc<Exchange>>().cloned();
        let exchange =
            exchange.ok_or_else(|| Error::internal("the request did not come through Function"))?;
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            let _ = exchange.route.set(route.as_str().to_owned());
        }
        let Identity { organization, .. } = authenticate::<T, A>(&parts.headers, app, &exchange).await?;
        let (items, store) = (app.store.items(organization), app.store.clone());
        Ok(Self { organization, items, store, exchange, access: PhantomData })
    }
}

/// Authenticates the caller. A cached key is counted beside the handler's own work; the response waits for both.
async fn authenticate<T: Kind, A: Access>(
    headers: &HeaderMap,
    app: &App,
    exchange: &Exchange,
) -> Result<Identity, Error> {
    // No key has characters outside ASCII.
    let values =
        headers.get_all(header::AUTHORIZATION).iter().map(|value| value.to_str().unwrap_or_default());
    let hash = ApiKey::from_authorization(values)?.hash();
    let scope = A::scope(T::RESOURCE);
    let cached = match app.keys.recall(&hash) {
        Recall::Refused(reason) => return Err(reason.into()),
        Recall::Blocked(rate) => {
            exchange.set_rate(rate);
            return Err(Error::RateLimited);
        }
        Recall::Cached(identity) => Some(identity),
        Recall::Nothing => None,
    };
    let keys = app.keys.clone();
    exchange.start_count(scope, async move { keys.count(&hash).await }).await;
    match cached {
        Some(identity) if scope.is_none_or(|scope| identity.scopes.contains(&scope)) => Ok(identity),
        // Also where the cached scopes do not suffice: the key may have got others since.
        _ => exchange.confirmed().await.cloned(),
    }
}
