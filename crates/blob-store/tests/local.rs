//! The store on a local folder: objects, ranges, damage, records, trails.

// Helpers outside of test functions may panic like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use blob_store::{BlobStore, Config, Error, Provenance};
use bytes::Bytes;
use futures::StreamExt as _;
use ids::ContentHash;
use time::OffsetDateTime;
use time::macros::datetime;

const LIMIT: u64 = 1 << 20;
const NOON: OffsetDateTime = datetime!(2026-01-01 12:00 UTC);

fn store() -> (tempfile::TempDir, BlobStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::open(&Config::Local { path: folder.path().join("blobs"), fsync: true }).unwrap();
    (folder, store)
}

fn made(kind: &str, owner: &str, from: &[ContentHash], minute: i64) -> Provenance {
    Provenance {
        kind: kind.into(),
        media_type: "application/octet-stream".into(),
        owner: owner.into(),
        service: "test".into(),
        version: "0.1.0".into(),
        made_from: from.to_vec(),
        created: NOON + time::Duration::minutes(minute),
    }
}

fn file_of(folder: &tempfile::TempDir, hash: &ContentHash) -> std::path::PathBuf {
    let hex = hash.to_string();
    folder.path().join("blobs/objects").join(&hex[..2]).join(&hex[2..])
}

#[tokio::test]
async fn bytes_come_back_by_their_hash_whole_and_in_part() {
    let (_folder, store) = store();
    let bytes = Bytes::from((0..=255_u8).cycle().take(100_000).collect::<Vec<_>>());
    let stored = store.put(bytes.clone(), made("mesh", "ana", &[], 0)).await.unwrap();
    assert_eq!((stored.hash, stored.size, stored.new), (ContentHash::of(&bytes), 100_000, true));
    assert_eq!(store.get(&stored.hash, LIMIT).await.unwrap(), bytes);
    assert_eq!(store.head(&stored.hash).await.unwrap().size, 100_000);
    let part = store.get_range(&stored.hash, Some(10..20)).await.unwrap();
    assert_eq!((part.size, part.range.clone()), (100_000, 10..20));
    assert_eq!(part.bytes(LIMIT).await.unwrap(), bytes.slice(10..20));
    let tail = store.get_range(&stored.hash, Some(99_990..200_000)).await.unwrap();
    assert_eq!(tail.range, 99_990..100_000);
    for wrong in [100_000..100_001, 5..5, 200_000..300_000] {
        let refused = store.get_range(&stored.hash, Some(wrong)).await.unwrap_err();
        assert!(matches!(refused, Error::Range { size: 100_000, .. }), "{refused}");
    }
    assert!(matches!(store.get(&stored.hash, 10).await, Err(Error::TooLarge { limit: 10 })));
    let nothing = ContentHash::of(b"never stored");
    assert!(matches!(store.get(&nothing, LIMIT).await, Err(Error::NotFound { .. })));
    assert!(!store.contains(&nothing).await.unwrap());
    let empty = store.put(Bytes::new(), made("turn", "ana", &[], 0)).await.unwrap();
    assert_eq!(store.get(&empty.hash, LIMIT).await.unwrap(), Bytes::new());
}

#[tokio::test]
async fn a_stream_is_stored_like_bytes_and_leaves_nothing_when_it_fails() {
    let (folder, store) = store();
    let pieces = || futures::stream::iter((0..20_u8).map(|n| Ok::<_, std::io::Error>(Bytes::from(vec![n; 1_000_000]))));
    let stored = store.put_stream(pieces(), 20_000_000, made("mesh", "ana", &[], 0)).await.unwrap();
    assert!(stored.new);
    assert_eq!(stored.size, 20_000_000);
    assert_eq!(ContentHash::of(&store.get(&stored.hash, 20_000_000).await.unwrap()), stored.hash);
    let again = store.put_stream(pieces(), 20_000_000, made("mesh", "ana", &[], 1)).await.unwrap();
    assert!(!again.new);
    std::fs::write(file_of(&folder, &stored.hash), b"damaged").unwrap();
    store.put_stream(pieces(), 20_000_000, made("mesh", "ana", &[], 2)).await.unwrap();
    assert!(store.get(&stored.hash, 20_000_000).await.is_ok());

    let long = store.put_stream(pieces(), 19_999_999, made("mesh", "bob", &[], 0)).await;
    assert!(matches!(long, Err(Error::TooLarge { .. })));
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))]);
    assert!(matches!(store.put_stream(broken, LIMIT, made("mesh", "bob", &[], 0)).await, Err(Error::Source(_))));
    let left: Vec<_> = std::fs::read_dir(folder.path().join("blobs/incoming")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn damage_is_seen_and_mended_by_storing_again() {
    let (folder, store) = store();
    let bytes = Bytes::from_static(b"G1 X10 Y10 E0.5");
    let hash = store.put(bytes.clone(), made("gcode", "ana", &[], 0)).await.unwrap().hash;
    std::fs::write(file_of(&folder, &hash), b"G1 X10 Y10 E9.5").unwrap();
    assert!(matches!(store.get(&hash, LIMIT).await, Err(Error::Corrupt { .. })));
    let streamed: Vec<_> = store.get_range(&hash, None).await.unwrap().collect().await;
    assert!(matches!(streamed.last(), Some(Err(Error::Corrupt { .. }))));
    assert!(!store.put(bytes.clone(), made("gcode", "ana", &[], 0)).await.unwrap().new);
    assert_eq!(store.get(&hash, LIMIT).await.unwrap(), bytes);
}

#[tokio::test]
async fn the_first_record_of_an_owner_stays_and_other_owners_have_their_own() {
    let (_folder, store) = store();
    let (one, two) = (ContentHash::of(b"one"), ContentHash::of(b"two"));
    let bytes = Bytes::from_static(b"same");
    let hash = store.put(bytes.clone(), made("mesh", "ana", &[one], 5)).await.unwrap().hash;
    store.put(bytes.clone(), made("mesh", "ana", &[two], 6)).await.unwrap();
    store.put(bytes, made("mesh", "bob", &[two], 1)).await.unwrap();
    let records = store.records(&hash).await.unwrap();
    let read: Vec<_> =
        records.iter().map(|r| (r.provenance.owner.as_str(), r.provenance.made_from.clone(), r.size_bytes)).collect();
    assert_eq!(read, [("bob", vec![two], 4), ("ana", vec![one], 4)]);
    let seen = async |viewer: Option<&str>| {
        let trail = store.trail(&hash, viewer, 1).await.unwrap();
        trail.entries[0].records.iter().map(|r| r.provenance.owner.clone()).collect::<Vec<_>>()
    };
    assert_eq!(seen(Some("ana")).await, ["ana"]);
    assert_eq!(seen(Some("eva")).await, ["bob"]);
    assert_eq!(seen(None).await, ["bob", "ana"]);
}

#[tokio::test]
async fn a_trail_leads_back_to_the_words_once_each_and_survives_cycles() {
    let (_folder, store) = store();
    let turn = store.put("a pot".into(), made("turn", "ana", &[], 0)).await.unwrap().hash;
    let design = store.put("{}".into(), made("design", "ana", &[turn], 1)).await.unwrap().hash;
    let mesh = store.put("mesh".into(), made("mesh", "ana", &[design], 2)).await.unwrap().hash;
    let gone = ContentHash::of(b"profile");
    let gcode = store.put("G28".into(), made("gcode", "ana", &[mesh, design, gone], 3)).await.unwrap().hash;
    // A cycle cannot come from hashing, but a record can claim one.
    store.add_record(&turn, made("remix", "ana", &[gcode], 9)).await.unwrap();

    let trail = store.trail(&gcode, Some("ana"), 100).await.unwrap();
    let walked: Vec<_> = trail.entries.iter().map(|e| (e.records[0].provenance.kind.as_str(), e.depth)).collect();
    assert_eq!(walked, [("gcode", 0), ("mesh", 1), ("design", 1), ("turn", 2)]);
    assert_eq!(trail.missing, [gone]);
    assert!(!trail.truncated);
    let short = store.trail(&gcode, Some("ana"), 2).await.unwrap();
    assert_eq!((short.entries.len(), short.truncated), (2, true));
    let json = serde_json::to_value(&trail).unwrap();
    assert_eq!(json["entries"][3]["records"][0]["created"], "2026-01-01T12:00:00Z");
}

#[tokio::test]
async fn unusable_provenance_and_folders_are_refused_with_a_reason() {
    let (folder, store) = store();
    let refused = store.put("x".into(), made("", "ana", &[], 0)).await.unwrap_err();
    assert!(matches!(refused, Error::Provenance { field: "kind", .. }));
    assert!(!store.contains(&ContentHash::of(b"x")).await.unwrap());
    store.check().await.unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let config = Config::Local { path: file.join("blobs"), fsync: true };
    assert!(matches!(BlobStore::open(&config), Err(Error::Folder { .. })));
}
