//! Slices and quotes through the contract.

use ids::ContentHash;
use proto::pot::print_job::v1 as pb;
use rpc::ErrorKind;

use super::{
    platform::{Platform, World, ana, bob, box_stl, error},
    scripted::Printers,
};

async fn world() -> (World, Platform) {
    let world = World::new(Printers::default()).await;
    let platform = world.start().await;
    (world, platform)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_is_made_priced_and_downloaded() {
    let (world, platform) = world().await;
    let mesh_hash = platform.mesh(box_stl([60.0, 60.0, 1.0], false)).await.to_string();
    let request = pb::CreateSliceRequest {
        mesh_hash: mesh_hash.clone(),
        quantity: 20,
        material: "PETG".into(),
        ..Default::default()
    };
    let slice = platform.slice(request.clone()).await.unwrap();
    assert_eq!(
        (slice.copies, slice.material.as_str(), slice.material_assumed),
        (9, "PETG", false),
        "3 x 3 of 60 mm fit 210 mm"
    );
    assert!((slice.mass_g / 9.0 - 3.6 * 1.27).abs() < 1.5, "{} g", slice.mass_g);
    assert!(slice.seconds > 60.0 && slice.layer_count == 5, "{slice:?}");
    assert_eq!(platform.slice(request).await.unwrap().name, slice.name, "an equal order gets the slice that is there");

    let name = format!("{}/gcode", slice.name);
    let mut chunks = platform.api().download_gcode(ana(pb::DownloadGcodeRequest { name })).await.unwrap().into_inner();
    let mut gcode = Vec::new();
    while let Some(chunk) = chunks.message().await.unwrap() {
        gcode.extend_from_slice(&chunk.data);
    }
    assert_eq!(
        (ContentHash::of(&gcode).to_string(), gcode.len() as i64),
        (slice.gcode_hash.clone(), slice.gcode_size_bytes)
    );
    let text = String::from_utf8(gcode).unwrap();
    for entry in
        [format!("; mesh_hash = {mesh_hash}"), "; material = PETG".into(), "; copies = 9".into(), "M109 S240".into()]
    {
        assert!(text.contains(&entry), "{entry} is not in\n{}", &text[..800]);
    }

    let request = pb::CreateQuoteRequest { slice: slice.name.clone(), quantity: 20, request_id: "q1".into() };
    let quote = platform.api().create_quote(ana(request.clone())).await.unwrap().into_inner();
    let total = quote.total.clone().unwrap();
    let sum: i64 = quote.lines.iter().map(|line| line.amount.as_ref().unwrap().minor_units).sum();
    assert_eq!((sum, total.currency.as_str(), quote.basis.as_str()), (total.minor_units, "BRL", "slice"));
    assert!((quote.mass_g - slice.mass_g / 9.0 * 20.0).abs() < 0.01);
    assert_eq!(quote.status(), pb::QuoteStatus::Calculated);
    let stored = platform.parts.blobs.get(&quote.hash.parse().unwrap(), 1 << 20).await.unwrap();
    assert!(std::str::from_utf8(&stored).unwrap().contains(&slice.gcode_hash));
    let again = platform.api().create_quote(ana(request)).await.unwrap().into_inner();
    assert_eq!(again.name, quote.name, "a repeated request gets the first quote");
    let get = pb::GetQuoteRequest { name: quote.name };
    assert_eq!(platform.api().get_quote(ana(get.clone())).await.unwrap().into_inner().hash, quote.hash);
    assert_eq!(error(platform.api().get_quote(bob(get)).await.unwrap_err()).kind(), ErrorKind::NotFound);
    let foreign = bob(pb::GetSliceRequest { name: slice.name });
    assert_eq!(error(platform.api().get_slice(foreign).await.unwrap_err()).kind(), ErrorKind::NotFound);
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_sliced_is_said() {
    let (world, platform) = world().await;
    let good = platform.mesh(box_stl([10.0, 10.0, 1.0], false)).await.to_string();
    let slice = |mesh_hash: String, material: &str| {
        platform.slice(pb::CreateSliceRequest { mesh_hash, material: material.into(), ..Default::default() })
    };
    let why = slice(good.clone(), "RESIN").await.unwrap_err();
    assert!(why.starts_with("material: RESIN") && why.contains("choose PLA"), "{why}");
    let open = platform.mesh(box_stl([10.0, 10.0, 1.0], true)).await.to_string();
    let why = slice(open, "").await.unwrap_err();
    assert!(why.contains("not closed"), "{why}");
    let large = platform.mesh(box_stl([300.0, 10.0, 1.0], false)).await.to_string();
    let why = slice(large, "").await.unwrap_err();
    assert!(why.contains("300.00 mm along X"), "{why}");
    let why = slice(ContentHash::of(b"nothing").to_string(), "").await.unwrap_err();
    assert!(why.contains("mesh_hash") && why.contains("does not exist"), "{why}");
    let asa = slice(good, "ASA").await.unwrap();
    let request = pb::CreateQuoteRequest { slice: asa.name, quantity: 1, ..Default::default() };
    let unpriced = error(platform.api().create_quote(ana(request)).await.unwrap_err());
    assert_eq!(unpriced.kind(), ErrorKind::FailedPrecondition);
    assert!(unpriced.message().contains("no price for ASA"), "{unpriced}");
    world.end(platform).await;
}
