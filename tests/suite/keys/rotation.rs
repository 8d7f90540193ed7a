//! Rotation of a key: both keys change, or neither.

use std::time::Duration;

use domain::{DEFAULT_REQUESTS_PER_MINUTE, Error, RecordId, Scope};
use harness::World;
use store::KeyRequest;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn new_key(world: &World) -> RecordId {
    let request = KeyRequest {
        organization: world.organization,
        name: "to be rotated".to_owned(),
        scopes: Scope::ALL.into(),
        expires_at: None,
        requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
    };
    world.store.create_key(&request).await.unwrap().key_id
}

async fn count(world: &World) -> usize {
    world.store.keys(world.organization).await.unwrap().len()
}

#[tokio::test]
async fn a_key_that_is_revoked_meanwhile_gets_no_successor() {
    let world = World::new().await;
    let key = new_key(&world).await;
    let before = count(&world).await;
    let rotation = world.store.prepare_rotation(key).await.unwrap();
    world.store.revoke_key(key).await.unwrap();
    let refused = world.store.rotate_key(rotation, DAY).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    assert_eq!(count(&world).await, before);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_happens() {
    let world = World::new().await;
    let key = new_key(&world).await;
    let before = count(&world).await;
    let (first, second) =
        (world.store.prepare_rotation(key).await.unwrap(), world.store.prepare_rotation(key).await.unwrap());
    let (issued, end) = world.store.rotate_key(first, DAY).await.unwrap();
    assert!(matches!(world.store.rotate_key(second, DAY).await, Err(Error::Invalid { .. })));
    let keys = world.store.keys(world.organization).await.unwrap();
    assert_eq!(keys.len(), before + 1);
    let ends = |id: RecordId| keys.iter().find(|key| key.key_id == id).unwrap().expires_at;
    assert_eq!((ends(key), ends(issued.key_id)), (Some(end), None));
}
