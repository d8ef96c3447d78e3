//! The edge as its callers see it: pages, documents, authentication, rates, headers, gRPC in its three forms.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use gateway::{Config, Rate, Rates};
use support::{TOKEN, call, config, fixture, get};

const BEARER: (&str, &str) = ("authorization", "Bearer a-token-of-some-length");

#[tokio::test]
async fn the_start_page_speaks_three_languages_and_tells_what_is_up() {
    let up = fixture(config(), true);
    let page = get(&up.router, "/", &[("accept-language", "pt-BR")]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-language"], "pt");
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let text = page.text();
    assert!(
        text.contains("<html lang=\"pt\">") && text.contains("Tudo está funcionando.") && text.contains("9.9.9"),
        "{text}"
    );
    assert!(text.contains("/openapi.json") && text.contains("/docs"));
    assert!(!text.contains("http://") && !text.contains("https://"), "self-contained");
    for name in support::services() {
        assert!(text.contains(&name), "{name}");
    }
    assert!(get(&up.router, "/", &[("accept-language", "es")]).await.text().contains("Todo funciona."));
    let down = fixture(config(), false);
    assert!(get(&down.router, "/", &[]).await.text().contains("A part of the platform is not answering."));
    let docs = get(&up.router, "/docs", &[]).await;
    assert!(docs.text().contains("/assets/docs.js"));
    assert_eq!(get(&up.router, "/assets/docs.js", &[]).await.headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(get(&up.router, "/assets/style.css", &[]).await.status, 200);
    let wrong = call(&up.router, "POST", "/", &[("x-request-id", "q")], "").await;
    assert_eq!((wrong.status.as_u16(), wrong.json()["instance"].clone()), (405, "q".into()));
}

#[tokio::test]
async fn health_is_live() {
    let up = fixture(config(), true);
    assert_eq!(get(&up.router, "/healthz", &[]).await.status, 200);
    let ready = get(&up.router, "/readyz", &[]).await;
    assert_eq!((ready.status.as_u16(), ready.json()["status"].clone()), (200, "ready".into()));
    up.shutdown.trigger();
    assert_eq!(get(&up.router, "/readyz", &[]).await.json()["status"], "stopping");
    let down = fixture(config(), false);
    let ready = get(&down.router, "/readyz", &[]).await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["services"][0]["up"], false);
    assert_eq!(get(&down.router, "/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn the_document_is_whole_compressed_and_cacheable() {
    let f = fixture(config(), true);
    let plain = get(&f.router, "/openapi.json", &[]).await;
    let api = plain.json();
    assert_eq!(api["openapi"], "3.1.0");
    assert!(api["paths"]["/v1/dialogues"]["post"].is_object());
    assert!(api["paths"]["/v1/objects/{hash}"]["get"].is_object());
    let etag = plain.headers["etag"].to_str().unwrap().to_owned();
    for (accept, encoding) in [("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br", "br")] {
        let packed = get(&f.router, "/openapi.json", &[("accept-encoding", accept)]).await;
        assert_eq!(packed.headers["content-encoding"], encoding);
        assert!(packed.body.len() * 4 < plain.body.len());
        assert_eq!(packed.headers["etag"].to_str().unwrap(), format!("W/{etag}"));
        let vary: Vec<_> = packed.headers.get_all("vary").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
        assert_eq!(vary.join(",").to_lowercase().matches("accept-encoding").count(), 1, "{vary:?}");
    }
    assert_eq!(get(&f.router, "/openapi.json", &[("if-none-match", &format!("W/{etag}"))]).await.status, 304);
    let small = get(&f.router, "/healthz", &[("accept-encoding", "br")]).await;
    assert!(small.headers.get("content-encoding").is_none());
}

#[tokio::test]
async fn tokens_become_principals() {
    let f = fixture(config(), true);
    let missing = get(&f.router, "/v1/dialogues/1", &[]).await;
    assert_eq!(missing.status, 401);
    assert_eq!(missing.headers["content-type"], "application/problem+json");
    assert!(missing.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    assert_eq!(missing.json()["instance"], missing.headers["x-request-id"].to_str().unwrap());
    let longer = format!("Bearer {TOKEN}x");
    for wrong in ["Bearer nope", "Basic eDp5", "Bearer", longer.as_str()] {
        assert_eq!(get(&f.router, "/v1/dialogues/1", &[("authorization", wrong)]).await.status, 401, "{wrong}");
    }
    assert!(f.seen.lock().unwrap().is_empty());
    let right = get(&f.router, "/v1/dialogues/1", &[BEARER, ("x-pot-principal", "forged")]).await;
    assert_eq!(right.status, 200, "{:?}", right.body);
    let seen = f.seen.lock().unwrap()[0].clone().unwrap();
    assert_eq!((seen.owner.as_str(), seen.scopes), ("users/local", vec!["*".to_owned()]));
    assert!(right.headers["ratelimit"].to_str().unwrap().starts_with("\"default\";r="));

    let narrow = fixture(Config { owner_scopes: vec!["trails:read".into()], ..config() }, true);
    let refused = get(&narrow.router, "/v1/dialogues/1", &[BEARER]).await;
    assert_eq!((refused.status.as_u16(), refused.json()["reason"].clone()), (403, "SCOPE_MISSING".into()));
}

#[tokio::test]
async fn rates_bodies_and_ids_are_bounded() {
    let slow = Rates { default: Rate { per_minute: 60, burst: 2 }, ..Rates::default() };
    let f = fixture(Config { rates: slow, ..config() }, true);
    for _ in 0..2 {
        assert_eq!(get(&f.router, "/v1/dialogues/1", &[BEARER]).await.status, 200);
    }
    let limited = get(&f.router, "/v1/dialogues/1", &[BEARER]).await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.headers["retry-after"], "1");
    assert_eq!(limited.headers["ratelimit-policy"], "\"default\";q=60;w=60");

    let f = fixture(config(), true);
    let large = vec![b' '; 5 << 20];
    let headers = [BEARER, ("content-type", "application/json")];
    let refused = call(&f.router, "POST", "/v1/dialogues", &headers, large).await;
    assert_eq!((refused.status.as_u16(), refused.json()["status"].clone()), (413, 413.into()));
    assert_eq!(get(&f.router, "/healthz", &[("x-request-id", "mine-7")]).await.headers["x-request-id"], "mine-7");
    assert_eq!(get(&f.router, "/healthz", &[("x-request-id", "a b")]).await.headers["x-request-id"].len(), 36);
    assert_eq!(get(&f.router, "/nothing", &[]).await.status, 404);
}

#[tokio::test]
async fn grpc_and_grpc_web_pass_and_internal_methods_do_not() {
    let f = fixture(config(), true);
    let empty: &[u8] = &[0, 0, 0, 0, 0];
    let path = format!("/{}/ListDialogues", support::CONVERSATION);
    let grpc = call(&f.router, "POST", &path, &[BEARER, ("content-type", "application/grpc")], empty).await;
    assert_eq!(grpc.body, empty);
    let web = call(&f.router, "POST", &path, &[BEARER, ("content-type", "application/grpc-web+proto")], empty).await;
    assert_eq!(web.headers["content-type"], "application/grpc-web+proto");
    // gRPC-Web carries the trailers in the body, after a flag byte.
    assert_eq!(web.body[5], 0x80);
    assert!(String::from_utf8_lossy(&web.body).contains("grpc-status:0"));
    let anonymous = call(&f.router, "POST", &path, &[("content-type", "application/grpc")], empty).await;
    assert_eq!(anonymous.headers["grpc-status"], "16");
    let set = transcode::Transcoder::new(proto::FILE_DESCRIPTOR_SET, transcode::Limits::default()).unwrap();
    let internal: Vec<_> = set.method_policies().values().filter(|p| p.is_internal()).map(|p| p.path.clone()).collect();
    assert!(!internal.is_empty());
    let before = f.seen.lock().unwrap().len();
    for path in internal {
        let refused = call(&f.router, "POST", &path, &[BEARER, ("content-type", "application/grpc")], empty).await;
        assert_eq!(refused.headers["grpc-status"], "7", "{path}");
    }
    assert_eq!(f.seen.lock().unwrap().len(), before);
}

#[tokio::test]
async fn objects_by_signed_address_and_their_trail() {
    let f = fixture(config(), true);
    let clock = boot::Clock::system();
    let provenance = |owner: &str, made_from: Vec<ids::ContentHash>| blob_store::Provenance {
        kind: "step".into(),
        media_type: "model/step".into(),
        owner: owner.into(),
        service: "model-generation".into(),
        version: "0.1.0".into(),
        made_from,
        created: clock.now(),
    };
    let source = f.store.put("a turn".into(), provenance("users/local", vec![])).await.unwrap().hash;
    let hash = f.store.put("0123456789".into(), provenance("users/local", vec![source])).await.unwrap().hash;
    let other = f.store.put("other".into(), provenance("users/other", vec![])).await.unwrap().hash;

    let url = f.urls.sign("", &hash, clock.unix_seconds() + 60);
    let whole = get(&f.router, &url, &[]).await;
    assert_eq!((whole.status.as_u16(), &whole.body[..]), (200, &b"0123456789"[..]));
    assert_eq!(whole.headers["content-type"], "model/step");
    let part = get(&f.router, &url, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &b"234"[..]));
    assert_eq!(part.headers["content-range"], "bytes 2-4/10");
    assert_eq!(get(&f.router, &url, &[("range", "bytes=10-")]).await.status, 416);
    assert_eq!(get(&f.router, &url, &[("if-none-match", &format!("\"{hash}\""))]).await.status, 304);
    let head = call(&f.router, "HEAD", &url, &[], "").await;
    assert_eq!((head.status.as_u16(), head.headers["content-length"].to_str().unwrap()), (200, "10"));
    let expired = get(&f.router, &f.urls.sign("", &hash, clock.unix_seconds() - 1), &[]).await;
    assert_eq!((expired.status.as_u16(), expired.json()["reason"].clone()), (403, "URL_EXPIRED".into()));
    let moved = url.replace(&hash.to_string(), &other.to_string());
    assert_eq!(get(&f.router, &moved, &[]).await.status, 403);
    assert_eq!(get(&f.router, &format!("/v1/objects/{hash}"), &[]).await.status, 400);
    assert_eq!(get(&f.router, "/v1/objects/xyz?expiry=1&signature=x", &[]).await.status, 400);

    let trail = get(&f.router, &format!("/v1/trails/{hash}"), &[BEARER]).await;
    let trail = trail.json();
    assert_eq!(trail["entries"].as_array().unwrap().len(), 2, "{trail}");
    assert_eq!(trail["entries"][0]["madeFrom"][0], source.to_string());
    assert_eq!(trail["entries"][0]["sizeBytes"], "10");
    assert_eq!(get(&f.router, &format!("/v1/trails/{other}"), &[BEARER]).await.status, 404);
    assert_eq!(get(&f.router, "/v1/trails/xyz", &[BEARER]).await.status, 400);
    assert_eq!(get(&f.router, &format!("/v1/trails/{hash}"), &[]).await.status, 401);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    assert_eq!(Config::default().check().unwrap_err().field, "gateway.owner_token");
    assert!(config().check().is_ok());
    let internal = Config { owner_scopes: vec!["internal".into()], ..config() };
    assert_eq!(internal.check().unwrap_err().field, "gateway.owner_scopes");
    let read: Config =
        serde_json::from_str(r#"{"limits": {"json_bytes": 10}, "rates": {"render": {"per_minute": 0, "burst": 0}}}"#)
            .unwrap();
    assert_eq!(read.limits.json_bytes, 10);
    assert!(read.rates.of(transcode::RateClass::Render).is_none());
}
