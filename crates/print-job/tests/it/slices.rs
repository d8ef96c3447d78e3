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

    let request = pb::CreateQuoteRequest {
        slice: slice.name.clone(),
        quantity: 20,
        request_id: "q1".into(),
        ..Default::default()
    };
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
    let large = platform.mesh(box_stl([400.0, 10.0, 1.0], false)).await.to_string();
    let why = slice(large, "").await.unwrap_err();
    assert!(why.contains("400.00 mm along X"), "{why}");
    let why = slice(ContentHash::of(b"nothing").to_string(), "").await.unwrap_err();
    assert!(why.contains("mesh_hash") && why.contains("does not exist"), "{why}");
    let asa = slice(good, "ASA").await.unwrap();
    let request = pb::CreateQuoteRequest { slice: asa.name, quantity: 1, ..Default::default() };
    let unpriced = error(platform.api().create_quote(ana(request)).await.unwrap_err());
    assert_eq!(unpriced.kind(), ErrorKind::FailedPrecondition);
    assert!(unpriced.message().contains("no price for ASA"), "{unpriced}");
    world.end(platform).await;
}

/// Boxes side by side along X, 10 mm apart, as a model's pieces lie.
fn pieces_stl(sizes: &[[f64; 3]]) -> Vec<u8> {
    let (mut all, mut x) = (mesh::TriMesh::default(), 0.0);
    for size in sizes {
        all.append(&mesh::stl::read(&box_stl(*size, false)).unwrap().translated([x, 0.0, 0.0]));
        x += size[0] + 10.0;
    }
    let mut bytes = Vec::new();
    mesh::stl::write(&all, &mut bytes).unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_too_long_for_the_bed_side_by_side_lie_in_rows() {
    let (world, platform) = world().await;
    let mesh_hash = platform.mesh(pieces_stl(&[[110.0, 70.0, 1.0], [110.0, 70.0, 0.6]])).await.to_string();
    let request = pb::CreateSliceRequest { mesh_hash, quantity: 2, ..Default::default() };
    let slice = platform.slice(request).await.unwrap();
    assert_eq!((slice.copies, slice.plate, slice.plate_count), (1, 1, 1), "110 x 145 mm fit once");
    assert!((slice.mass_g / (110.0 * 70.0 * 1.6 * 1.24e-3) - 1.0).abs() < 0.1, "{} g", slice.mass_g);
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_that_fit_no_common_plate_are_sliced_plate_by_plate_and_priced_together() {
    let (world, platform) = world().await;
    let mesh_hash = platform.mesh(pieces_stl(&[[150.0, 120.0, 1.0], [150.0, 110.0, 0.6]])).await.to_string();
    let order =
        |plate: u32| pb::CreateSliceRequest { mesh_hash: mesh_hash.clone(), quantity: 3, plate, ..Default::default() };
    let first = platform.slice(order(0)).await.unwrap();
    let second = platform.slice(order(2)).await.unwrap();
    assert_eq!((first.copies, first.plate, first.plate_count), (1, 1, 2));
    assert_eq!((second.copies, second.plate, second.plate_count), (1, 2, 2));
    assert!(first.layer_count > second.layer_count, "the deeper piece is on the first plate");
    assert_eq!(platform.slice(order(1)).await.unwrap().name, first.name);
    let why = platform.slice(order(3)).await.unwrap_err();
    assert!(why.contains("plate: is 3, and this part takes 2"), "{why}");

    let quote = |slice: &pb::Slice, others: Vec<&pb::Slice>| pb::CreateQuoteRequest {
        slice: slice.name.clone(),
        other_plates: others.into_iter().map(|slice| slice.name.clone()).collect(),
        quantity: 3,
        ..Default::default()
    };
    let priced = platform.api().create_quote(ana(quote(&first, vec![&second]))).await.unwrap().into_inner();
    assert!((priced.mass_g - 3.0 * (first.mass_g + second.mass_g)).abs() < 0.01, "{priced:?}");
    assert_eq!((priced.slice, priced.other_plates), (first.name.clone(), vec![second.name.clone()]));
    for wrong in [quote(&first, vec![]), quote(&second, vec![&second])] {
        let refused = error(platform.api().create_quote(ana(wrong)).await.unwrap_err());
        assert_eq!(refused.violations()[0].field, "other_plates", "{refused}");
    }
    world.end(platform).await;
}
