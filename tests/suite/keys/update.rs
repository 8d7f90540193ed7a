//! The change of a key: it holds from the next request on, and only for a key that works.

use std::time::Duration;

use domain::{DEFAULT_REQUESTS_PER_MINUTE, Error, Scope};
use harness::World;
use store::{KeyRequest, KeyUpdate};

fn request(world: &World) -> KeyRequest {
    KeyRequest {
        organization: world.organization,
        name: "CRM".to_owned(),
        scopes: [Scope::CallsRead].into(),
        expires_at: None,
        requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
    }
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let world = World::new().await;
    let key_id = world.store.create_key(&request(&world)).await.unwrap().key_id;
    let update = KeyUpdate { requests_per_minute: Some(300), ..KeyUpdate::default() };
    let (before, after) = world.store.update_key(key_id, update).await.unwrap();
    assert_eq!((before.requests_per_minute, after.requests_per_minute), (60, 300));
    let keys = world.store.keys(world.organization).await.unwrap();
    let stored = keys.iter().find(|key| key.key_id == key_id).unwrap();
    assert_eq!((stored.name.as_str(), &stored.scopes), ("CRM", &vec!["calls:read".to_owned()]));
    assert_eq!((stored.requests_per_minute, &stored.hint), (300, &before.hint));
}

#[tokio::test]
async fn a_key_that_no_longer_works_is_not_changed() {
    let world = World::new().await;
    let name = || KeyUpdate { name: Some("x".to_owned()), ..KeyUpdate::default() };
    let revoked = world.store.create_key(&request(&world)).await.unwrap().key_id;
    world.store.revoke_key(revoked).await.unwrap();
    let ended = world.store.now().minus(Duration::from_secs(1));
    let expired = KeyRequest { expires_at: Some(ended), ..request(&world) };
    let expired = world.store.create_key(&expired).await.unwrap().key_id;
    for key_id in [revoked, expired] {
        let refused = world.store.update_key(key_id, name()).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    }
    let nobody = world.store.update_key(domain::RecordId::random(), name()).await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
}

#[tokio::test]
async fn a_key_that_is_given_a_scope_has_it_with_its_next_request() {
    let world = World::new().await;
    let key = world.key(&[Scope::CallsRead], DEFAULT_REQUESTS_PER_MINUTE).await;
    let client = world.client.with_key(Some(&key));
    assert_eq!(client.get("/v1/calls").await.status, 200, "the process knows the key from now on");
    assert_eq!(client.get("/v1/contacts").await.status, 403);
    let keys = world.store.keys(world.organization).await.unwrap();
    let key_id = keys.iter().find(|key| key.scopes == ["calls:read"]).unwrap().key_id;
    let update = |scope: Scope| KeyUpdate { scopes: Some([scope].into()), ..KeyUpdate::default() };
    world.store.update_key(key_id, update(Scope::ContactsRead)).await.unwrap();
    assert_eq!(client.get("/v1/contacts").await.status, 200);
    assert_eq!(client.get("/v1/calls").await.status, 403, "and not the one that was taken");
}
