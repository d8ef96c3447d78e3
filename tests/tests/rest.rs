//! The main job over REST alone, with a plain HTTP client, and the manners of the edge.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use e2e::{Options, PLANT_POT, Platform, Rest, Sandbox, job, read::stl::Stl};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_sentence_becomes_a_print() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options::default());
    let rest = platform.rest();

    let dialogue = rest.post("/v1/dialogues", &json!({"title": "over REST"})).await.ok();
    let dialogue = job::text(&dialogue, "name");
    let turn = rest.post(&format!("/v1/{dialogue}/turns"), &json!({"text": PLANT_POT})).await.ok();
    assert_eq!((&turn["language"], &turn["question"]), (&"en".into(), &Value::Null), "{turn}");
    let specification = rest.get(&format!("/v1/{dialogue}/specification")).await.ok();
    assert_eq!(specification["part"]["material"], "PETG", "{specification}");
    assert_eq!(specification["hash"], turn["specificationHash"]);

    let model = watched(&rest, "/v1/models", &job::model_request(&specification)).await;
    assert_eq!((&model["exact"], &model["watertight"]), (&true.into(), &true.into()), "{model}");
    let pieces = download(&rest, &model).await;
    let volume = model["volumeMm3"].as_f64().unwrap();
    assert!((pieces / volume - 1.0).abs() < 1e-3, "the mesh's {pieces} and the solid's {volume}");

    let name = job::text(&model, "name");
    let mended = watched(&rest, &format!("/v1/{name}:suggestEdits"), &json!({})).await;
    assert_eq!((&mended["name"], &mended["editsSuggested"]), (&name.into(), &true.into()), "{mended}");

    let slice = watched(&rest, "/v1/slices", &job::slice_request(&specification, &model)).await;
    assert_eq!((&slice["material"], &slice["copies"]), (&"PETG".into(), &1.into()));
    let gcode = rest.get(&format!("/v1/{}/gcode", job::text(&slice, "name"))).await;
    assert_eq!(blake3::hash(&gcode.body).to_hex().as_str(), job::text(&slice, "gcodeHash"));

    let quote = rest.post("/v1/quotes", &json!({"slice": slice["name"], "quantity": 3})).await.ok();
    let minor = |money: &Value| money["minorUnits"].as_str().unwrap().parse::<i64>().unwrap();
    let sum: i64 = quote["lines"].as_array().unwrap().iter().map(|line| minor(&line["amount"])).sum();
    assert!(sum == minor(&quote["total"]) && quote["quantity"] == 3, "{quote}");
    assert_eq!(rest.get(&format!("/v1/{}", job::text(&quote, "name"))).await.ok(), quote);

    let printed = job::queue(&rest, &slice, "").await;
    let speed = json!({"speed": 3000});
    rest.post("/v1/devices/virtual-1:setSimulationSpeed", &speed).await.ok();
    let job = followed(&rest, &printed).await;
    assert_eq!((job::state(&job), &job["progress"]), ("COMPLETED", &json!(1.0)), "{job}");

    let trail = rest.get(&format!("/v1/trails/{}", job::text(&job, "telemetryHash"))).await.ok();
    let kinds: Vec<_> = trail["entries"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    for kind in ["telemetry", "gcode", "stl", "specification", "turn"] {
        assert!(kinds.contains(&kind), "{kind} is not behind the print: {kinds:?}");
    }
    platform.stop(&[]);
}

/// Begins long work and follows it by server-sent events; the resource that it made.
async fn watched(rest: &Rest, path: &str, request: &Value) -> Value {
    let operation = rest.post(path, request).await.ok();
    let name = job::text(&operation, "name").to_owned();
    let mut events = rest.watch(&format!("/v1/{name}:watch")).await;
    let (mut last, mut progress) = (Value::Null, 0.0);
    loop {
        let event = events.next().await.unwrap_or_else(|| panic!("the stream of {name} has no end event"));
        match event.name.as_str() {
            "message" => {
                let now = event.data["progress"].as_f64().unwrap();
                assert!(now >= progress, "progress goes on: {} after {progress}", event.data);
                (progress, last) = (now, event.data);
            }
            "end" => break,
            other => panic!("{other}: {}", event.data),
        }
    }
    assert_eq!((&last["name"], &last["done"]), (&name.as_str().into(), &true.into()), "{last}");
    assert_eq!(last["state"], "OPERATION_STATE_SUCCEEDED", "{last}");
    assert_eq!(rest.get(&format!("/v1/{name}")).await.ok()["response"], last["response"]);
    last["response"].clone()
}

/// Follows a print to its end; its cursors allow a second look from the middle.
async fn followed(rest: &Rest, name: &str) -> Value {
    let path = format!("/v1/{name}:watch");
    let mut events = rest.watch(&path).await;
    let (mut seen, mut cursors) = (Vec::new(), Vec::new());
    while let Some(event) = events.next().await {
        if event.name == "end" {
            break;
        }
        assert_eq!((event.name.as_str(), &event.data["cursor"]), ("message", &event.id.as_str().into()));
        cursors.push(event.id.clone());
        seen.push(event.data["printJob"].clone());
    }
    let states: Vec<_> = seen.iter().map(job::state).collect();
    assert!(states.contains(&"PRINTING"), "{states:?}");
    let ends = seen.iter().filter(|job| job::has_ended(job)).count();
    assert!(ends >= 1 && job::has_ended(seen.last().unwrap()), "{states:?}");
    // Whoever comes back with a cursor gets the job as it is now, and is told of its end.
    let mut again = rest.watch(&format!("{path}?afterCursor={}", cursors[cursors.len() / 2])).await;
    let first = again.next().await.unwrap();
    assert_eq!(&first.data["printJob"], seen.last().unwrap());
    let last = again.next().await.unwrap();
    assert_eq!(last.name, "end", "{}", last.data);
    seen.last().unwrap().clone()
}

/// The STL by ranges, conditions and whole; its volume.
async fn download(rest: &Rest, model: &Value) -> f64 {
    let stl = job::artefact(model, "stl");
    let path = format!("/v1/{}", job::text(stl, "name"));
    let whole = rest.get(&path).await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.body.len().to_string(), job::text(stl, "sizeBytes"));
    assert_eq!(blake3::hash(&whole.body).to_hex().as_str(), job::text(stl, "hash"));
    assert_eq!(whole.header("content-type"), job::text(stl, "mediaType"));
    let etag = whole.header("etag").to_owned();
    let part = rest.get_with(&path, &[("range", "bytes=84-133")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &whole.body[84..134]));
    assert_eq!(part.header("content-range"), format!("bytes 84-133/{}", whole.body.len()));
    let tail = rest.get_with(&path, &[("range", "bytes=-50"), ("if-range", &etag)]).await;
    assert_eq!((tail.status, tail.body.as_slice()), (206, &whole.body[whole.body.len() - 50..]));
    rest.get_with(&path, &[("range", "bytes=99999999999-")]).await.problem(416);
    let same = rest.get_with(&path, &[("if-none-match", &etag)]).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    let head = rest.send(Method::HEAD, &path, &[], None).await.unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, whole.body.len().to_string().as_str()));
    for kind in ["step", "3mf", "glb", "report"] {
        let file = job::artefact(model, kind);
        let bytes = rest.get(&format!("/v1/{}", job::text(file, "name"))).await.body;
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), job::text(file, "hash"), "{kind}");
    }
    let pieces = Stl::read(&whole.body).unwrap().pieces().unwrap();
    assert_eq!((pieces.len(), pieces[0].genus), (1, 5));
    pieces[0].volume
}

#[tokio::test]
async fn the_edge_has_manners() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    let rest = platform.rest();
    the_document_lists_the_routes(&rest).await;
    dialogues_branch_and_stream(&rest).await;
    repeating_a_request_is_safe(&rest).await;
    mistakes_name_their_field(&rest).await;
    platform.stop(&[]);
}

async fn dialogues_branch_and_stream(rest: &Rest) {
    let dialogue = rest.post("/v1/dialogues", &json!({})).await.ok();
    let dialogue = job::text(&dialogue, "name");
    let turns = format!("/v1/{dialogue}/turns");
    let first = rest.post(&turns, &json!({"text": "a plate 80 x 60 x 3 mm"})).await.ok();
    let body = json!({"text": "make it 5 mm thick, in PETG"}).to_string().into_bytes();
    let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
    let streamed = rest.send(Method::POST, &format!("{turns}:stream"), &headers, Some(body)).await.unwrap();
    assert_eq!((streamed.status, streamed.header("content-type")), (200, "text/event-stream"));
    let text = streamed.text();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    // The last event says that the stream is over, and holds nothing.
    let events: Vec<Value> = data.filter(|d| *d != "{}").map(|d| serde_json::from_str(d).unwrap()).collect();
    let kinds: Vec<&str> =
        events.iter().map(|event| event.as_object().unwrap().keys().next().unwrap().as_str()).collect();
    assert_eq!(kinds, ["understanding", "change", "change", "turn"], "{text}");
    assert_eq!(events[0]["understanding"]["state"], "DIALOGUE_STATE_VALIDATING", "{text}");
    let second = &events[3]["turn"];
    assert_eq!(second["continuedTurn"], first["name"]);

    // From the first turn on again, as one line a message.
    let body = json!({"text": "in ABS", "continuedTurn": first["name"]}).to_string().into_bytes();
    let headers = [("content-type", "application/json")];
    let lines = rest.send(Method::POST, &format!("{turns}:stream"), &headers, Some(body)).await.unwrap();
    let last: Value = serde_json::from_str(lines.text().lines().last().unwrap()).unwrap();
    assert_eq!((&last["turn"]["number"], &last["turn"]["continuedTurn"]), (&json!(2), &first["name"]));
    let head = rest.get(&format!("/v1/{dialogue}")).await.ok();
    assert_eq!(head["head"], last["turn"]["name"]);

    let specification = rest.get(&format!("/v1/{}/specification", job::text(second, "name"))).await.ok();
    assert_eq!(specification["part"]["material"], "PETG", "{specification}");
    let mut explanations = specification["explanations"].as_array().unwrap().iter();
    let thickness = explanations.rfind(|it| it["path"] == "features.plate.parameters.thickness").unwrap();
    assert_eq!((&thickness["origin"], &thickness["turn"]), (&json!("ORIGIN_SAID"), &second["name"]));
    let base = format!("{}/specification", job::text(second, "name"));
    let diff = rest.get(&format!("/v1/{dialogue}/specification:diff?base={base}")).await.ok();
    let texts: Vec<&str> = diff["changes"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["material: PETG → ABS", "thickness (plate): 5 mm → 3 mm"]);
    let own = rest.get(&format!("/v1/{base}:diff")).await.ok();
    assert_eq!(own["changes"].as_array().unwrap().len(), 2, "{own}");
    let branch = rest.get(&format!("{turns}?branch={}", job::text(&last["turn"], "name"))).await.ok();
    let numbers: Vec<&Value> = branch["turns"].as_array().unwrap().iter().map(|turn| &turn["number"]).collect();
    assert_eq!(numbers, [&json!(0), &json!(2)]);
    let missing = json!({"text": "in PLA", "continuedTurn": format!("{dialogue}/turns/9")});
    rest.post(&turns, &missing).await.problem(404);
    rest.post(&turns, &json!({"text": "in PLA", "continuedTurn": "turns/1"})).await.problem(400);
}

async fn the_document_lists_the_routes(rest: &Rest) {
    let anonymous = Rest::new(&rest.base, "");
    let plain = anonymous.get("/openapi.json").await;
    let api = plain.ok();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"), "{}", api["openapi"]);
    let routes = [
        ("post", "/v1/dialogues"),
        ("post", "/v1/dialogues/{dialogue}/turns"),
        ("get", "/v1/dialogues/{dialogue}/specification"),
        ("get", "/v1/dialogues/{dialogue}/turns/{turn}/specification"),
        ("get", "/v1/dialogues/{dialogue}/specification:diff"),
        ("post", "/v1/dialogues/{dialogue}/turns:stream"),
        ("post", "/v1/models"),
        ("get", "/v1/models/{model}/artefacts/{artefact}"),
        ("post", "/v1/slices"),
        ("post", "/v1/quotes"),
        ("post", "/v1/printJobs"),
        ("post", "/v1/pictures"),
        ("get", "/v1/trails/{trail}"),
    ];
    // The names of the variables are the document's business.
    let shape =
        |path: &str| path.split('/').map(|s| if s.starts_with('{') { "*" } else { s }).collect::<Vec<_>>().join("/");
    let paths = api["paths"].as_object().unwrap();
    for (method, route) in routes {
        let found = paths.iter().find(|(path, item)| shape(path) == shape(route) && item[method].is_object());
        assert!(found.is_some(), "{method} {route} is not among {:?}", paths.keys().collect::<Vec<_>>());
    }
    assert!(!paths.keys().any(|path| path.to_lowercase().contains("startprint")), "internal calls have no route");
    for encoding in ["gzip", "br"] {
        let packed = anonymous.get_with("/openapi.json", &[("accept-encoding", encoding)]).await;
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(packed.body.len() * 3 < plain.body.len(), "{encoding}: {} bytes", packed.body.len());
        let mut unpacked = Vec::new();
        match encoding {
            "gzip" => GzipDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).await.unwrap(),
            _ => BrotliDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).await.unwrap(),
        };
        assert_eq!(unpacked, plain.body, "{encoding}");
    }
    let home = anonymous.get("/").await;
    assert!(
        home.status == 200 && home.header("content-type").starts_with("text/html") && home.text().contains("/docs")
    );
    let mine = anonymous.get_with("/healthz", &[("x-request-id", "mine-1")]).await;
    assert_eq!(mine.header("x-request-id"), "mine-1");
    assert_ne!(anonymous.get("/healthz").await.header("x-request-id"), "");
}

async fn repeating_a_request_is_safe(rest: &Rest) {
    let key = [("idempotency-key", "e2e-dialogue-1")];
    let first = rest.post_with("/v1/dialogues", &key, &json!({"title": "once"})).await.ok();
    let again = rest.post_with("/v1/dialogues", &key, &json!({"title": "once"})).await.ok();
    assert_eq!(first, again, "the first answer is given again");
    let other = rest.post_with("/v1/dialogues", &key, &json!({"title": "other"})).await.problem(422);
    assert_eq!(other["reason"], "REQUEST_ID_REUSED", "{other}");
    let all = rest.get("/v1/dialogues").await.ok();
    let of_title = |title: &str| all["dialogues"].as_array().unwrap().iter().filter(|it| it["title"] == title).count();
    assert_eq!((of_title("once"), of_title("other")), (1, 0));

    let turns = format!("/v1/{}/turns", job::text(&first, "name"));
    let key = [("idempotency-key", "e2e-turn-1")];
    let body = json!({"text": "a 20 mm cube"});
    let said = rest.post_with(&turns, &key, &body).await.ok();
    assert_eq!(rest.post_with(&turns, &key, &body).await.ok(), said);
    assert_eq!(rest.get(&turns).await.ok()["turns"].as_array().unwrap().len(), 1);

    let specification = rest.get(&format!("/v1/{}/specification", job::text(&first, "name"))).await.ok();
    let key = [("idempotency-key", "e2e-model-1")];
    let request = job::model_request(&specification);
    let one = rest.post_with("/v1/models", &key, &request).await.ok();
    let two = rest.post_with("/v1/models", &key, &request).await.ok();
    assert_eq!(one["name"], two["name"]);
}

async fn mistakes_name_their_field(rest: &Rest) {
    let field = |problem: &Value| problem["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
    let dialogue = rest.post("/v1/dialogues", &json!({})).await.ok();
    let turns = format!("/v1/{}/turns", job::text(&dialogue, "name"));
    let empty = rest.post(&turns, &json!({"text": " "})).await.problem(400);
    assert_eq!((field(&empty).as_str(), &empty["reason"]), ("text", &"TURN_REJECTED".into()));
    let long = rest.post(&turns, &json!({"text": "x".repeat(10_000)})).await.problem(400);
    assert_eq!(field(&long), "text");
    let unknown = rest.post(&turns, &json!({"txt": "a cube"})).await.problem(400);
    assert_eq!(field(&unknown), "txt");
    let typed = rest.post("/v1/quotes", &json!({"slice": 3})).await.problem(400);
    assert_eq!(field(&typed), "slice");
    let broken = rest.send(Method::POST, "/v1/dialogues", &[], Some(b"{\"title\":".to_vec())).await.unwrap();
    broken.problem(400);
    let html = rest.send(Method::POST, "/v1/dialogues", &[("content-type", "text/html")], Some(b"<p>".to_vec())).await;
    html.unwrap().problem(415);
    let malformed = rest.post("/v1/slices", &json!({"meshHash": "not a hash"})).await.problem(400);
    assert!(!field(&malformed).is_empty(), "{malformed}");
    let absent = "00000000-0000-7000-8000-000000000000";
    for path in
        [format!("/v1/models/{absent}"), format!("/v1/printJobs/{absent}"), "/v1/nothing".into(), "/nothing".into()]
    {
        rest.get(&path).await.problem(404);
    }
    let wrong = rest.send(Method::DELETE, "/v1/dialogues", &[], None).await.unwrap();
    wrong.problem(405);
    assert!(wrong.header("allow").contains("POST"), "{}", wrong.header("allow"));
}
