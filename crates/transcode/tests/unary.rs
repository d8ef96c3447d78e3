//! REST calls that have one answer: parameters, bodies, errors, bounds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::json;
use support::{call, get, router, transcoder};
use transcode::Limits;

#[tokio::test]
async fn path_variables_and_additional_bindings() {
    let r = router().await;
    let answer = get(&r, "/v1/shelves/1/books/a%20b%2Fc", &[]).await;
    assert_eq!(answer.echo(), json!({ "name": "shelves/1/books/a b%2Fc" }));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(get(&r, "/v1/books/x%2Fy", &[]).await.echo(), json!({ "name": "x/y" }));
}

#[tokio::test]
async fn query_parameters_of_every_kind() {
    let r = router().await;
    let uri = "/v1/shelves/7/books?pageSize=5&states=STATE_LENT&states=1&filter.author=Jos%C3%A9+S&filter.min_pages=9007199254740993\
               &read_mask=weight_g,title&publishedAfter=2024-01-02T03:04:05Z&lent=true&tags=a&tags=b";
    assert_eq!(
        get(&r, uri, &[]).await.echo(),
        json!({
            "parent": "shelves/7", "pageSize": 5, "states": ["STATE_LENT", "STATE_PRESENT"],
            "filter": { "author": "José S", "minPages": "9007199254740993" },
            "readMask": "weightG,title", "publishedAfter": "2024-01-02T03:04:05Z", "lent": true, "tags": ["a", "b"],
        })
    );
    for (query, field) in [
        ("nope=1", "nope"),
        ("pageSize=many", "pageSize"),
        ("pageSize=1&pageSize=2", "pageSize"),
        ("states=STATE_EATEN", "states"),
        ("filter=x", "filter"),
        ("filter.author.x=1", "filter.author.x"),
        ("parent=shelves/8", "parent"),
        ("publishedAfter=yesterday", "publishedAfter"),
    ] {
        let answer = get(&r, &format!("/v1/shelves/7/books?{query}"), &[]).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
    let many = vec!["tags=x"; 101].join("&");
    assert_eq!(get(&r, &format!("/v1/shelves/7/books?{many}"), &[]).await.status, 400);
    assert_eq!(get(&r, &format!("/v1/shelves/7/books?tags={}", "x".repeat(20_000)), &[]).await.status, 414);
}

#[tokio::test]
async fn json_bodies_by_the_canonical_mapping() {
    let r = router().await;
    let book = json!({
        "title": "Memorial", "pages": "18446744073709551615", "weight_g": 312.5, "digest": "_-8=", "state": 2,
        "ratings": { "ana": 5 }, "sequels": [{ "title": "II", "weightG": "NaN" }], "published": "1982-01-01T00:00:00Z",
        "electronic": true, "extra": { "a": [1, null] }, "copies": "3", "rating": 1,
    });
    let key = [("idempotency-key", "\"k-1\"")];
    let answer = call(&r, "POST", "/v1/shelves/1/books?book_id=m", &key, &book.to_string()).await;
    let echo = answer.echo();
    assert_eq!(echo["parent"], "shelves/1");
    assert_eq!(echo["bookId"], "m");
    assert_eq!(echo["requestId"], "k-1");
    assert_eq!(
        echo["book"],
        json!({
            "title": "Memorial", "pages": "18446744073709551615", "weightG": 312.5, "digest": "/+8=", "state": "STATE_LENT",
            "ratings": { "ana": 5 }, "sequels": [{ "title": "II", "weightG": "NaN" }], "published": "1982-01-01T00:00:00Z",
            "electronic": true, "extra": { "a": [1.0, null] }, "copies": "3", "rating": 1.0,
        })
    );
}

#[tokio::test]
async fn wrong_bodies_name_the_field() {
    let r = router().await;
    for (body, field) in [
        (r#"{"titel": "x"}"#, "book.titel"),
        (r#"{"sequels": [{}, {"pages": -1}]}"#, "book.sequels[1].pages"),
        (r#"{"pages": 1.5}"#, "book.pages"),
        (r#"{"title": 5}"#, "book.title"),
        (r#"{"digest": "é"}"#, "book.digest"),
        (r#"{"ratings": {"a": "x"}}"#, "book.ratings[a]"),
        (r#"{"paper": "a", "electronic": true}"#, "book.electronic"),
        (r#"{"weightG": 1, "weight_g": 2}"#, "book.weight_g"),
        (r#"{"weightG": 1e999}"#, "body"),
        (r#"{"published": "x"}"#, "book.published"),
        (r#"{"state": "GONE"}"#, "book.state"),
        (r#"{"sequels": {}}"#, "book.sequels"),
        ("[1]", "book"),
        (r#"{"title": "#, "body"),
    ] {
        let answer = call(&r, "POST", "/v1/shelves/1/books", &[("x-request-id", "r-9")], body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["field"], field, "{body} {problem}");
        assert_eq!(problem["instance"], "r-9");
        assert_eq!(problem["code"], "INVALID_ARGUMENT");
    }
    let deep = format!("{}{}", r#"{"sequels":["#.repeat(40), "]}".repeat(40));
    assert_eq!(call(&r, "POST", "/v1/shelves/1/books", &[], &deep).await.status, 400);
    let wrong_type = call(&r, "POST", "/v1/shelves/1/books", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(wrong_type.status, 415);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let (t, _seen) = transcoder(Limits { json_bytes: 100, message_bytes: 200, ..Limits::default() }).await;
    let r = t.into_router();
    let large = format!(r#"{{"title": "{}"}}"#, "x".repeat(200));
    let answer = call(&r, "POST", "/v1/shelves/1/books", &[], &large).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["status"], 413);
    // Without a length in advance, too.
    let chunks = futures::stream::iter((0..30).map(|_| Ok::<_, std::io::Error>("0123456789")));
    let request = http::Request::post("/v1/shelves/1/books").header("content-type", "application/json");
    let answer = support::send(&r, request.body(axum::body::Body::from_stream(chunks)).unwrap()).await;
    assert_eq!(answer.status, 413);
    assert_eq!(call(&r, "PUT", "/v1/shelves/1/books/2/cover", &[], &"x".repeat(300)).await.status, 413);
}

#[tokio::test]
async fn patch_fills_the_mask_and_path_wins() {
    let r = router().await;
    let body = r#"{"name": "other", "title": "T", "weightG": 3, "sequels": [], "etag": "e"}"#;
    let answer = call(&r, "PATCH", "/v1/shelves/1/books/2", &[], body).await;
    let book = answer.json();
    assert_eq!(book["name"], "shelves/1/books/2");
    assert_eq!(book["paper"], "title,weight_g,sequels");
    assert_eq!(answer.headers["etag"], "\"e\"");
    let explicit = call(&r, "PATCH", "/v1/shelves/1/books/2?updateMask=title", &[("if-match", "\"w\"")], "{}").await;
    assert_eq!(explicit.json()["paper"], "title");
    assert_eq!(explicit.json()["etag"], "w");
}

#[tokio::test]
async fn verbs_response_body_and_if_match() {
    let r = router().await;
    let answer =
        call(&r, "POST", "/v1/shelves/1/books/2:archive", &[("if-match", "W/\"v7\"")], r#"{"reason":"old"}"#).await;
    let seen: serde_json::Value = serde_json::from_str(answer.json().as_str().unwrap()).unwrap();
    assert_eq!(seen, json!({ "name": "shelves/1/books/2", "reason": "old", "etag": "v7" }));
    let stray = call(&r, "POST", "/v1/shelves/1/books/2:archive?reason=x", &[], "{}").await;
    assert_eq!(stray.json()["errors"][0]["field"], "reason");
}

#[tokio::test]
async fn wrong_methods_and_addresses() {
    let r = router().await;
    let answer = call(&r, "DELETE", "/v1/shelves/1/books", &[], "").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers["allow"], "GET, POST, HEAD, OPTIONS");
    assert_eq!(call(&r, "OPTIONS", "/v1/shelves/1/books", &[], "").await.status, 204);
    let answer = get(&r, "/v2", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].clone()), (404, json!("NOT_FOUND")));
    assert_eq!(call(&r, "POST", "/v1:sweep", &[], "{}").await.status, 404);
    assert_eq!(get(&r, &format!("/v1/books/{}", "x".repeat(5000)), &[]).await.status, 414);
    let head = call(&r, "HEAD", "/v1/books/1", &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn statuses_become_problems() {
    let r = router().await;
    for (code, status, name) in [
        (3, 400, "INVALID_ARGUMENT"),
        (5, 404, "NOT_FOUND"),
        (8, 429, "RESOURCE_EXHAUSTED"),
        (10, 409, "ABORTED"),
        (14, 503, "UNAVAILABLE"),
    ] {
        let answer = call(&r, "POST", "/v1:fail", &[], &json!({ "code": code }).to_string()).await;
        assert_eq!(answer.status, status);
        let problem = answer.json();
        assert_eq!(problem["code"], name);
        assert_eq!(problem["detail"], "the wall is too thin");
        assert_eq!(problem["errors"][0]["field"], "part.wall");
        assert_eq!(problem["reason"], "WALL_TOO_THIN");
        assert_eq!(problem["metadata"]["min_mm"], "0.4");
        assert_eq!(answer.headers["retry-after"], "3");
    }
    let slow = call(&r, "POST", "/v1:fail", &[("x-request-timeout", "100ms")], r#"{"slow": true}"#).await;
    assert_eq!(slow.status, 504);
    assert_eq!(slow.json()["code"], "DEADLINE_EXCEEDED");
    let bad = call(&r, "POST", "/v1:fail", &[("x-request-timeout", "soon")], "{}").await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_dead_service_is_unavailable_and_its_address_stays_secret() {
    let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
    let t = transcode::Transcoder::new(&support::descriptors(), Limits::default()).unwrap();
    let r = t.route(support::SERVICE, channel).unwrap().into_router();
    let answer = get(&r, "/v1/books/1", &[]).await;
    assert_eq!(answer.status, 503);
    assert!(!String::from_utf8_lossy(&answer.body).contains("127.0.0.1"));
}

#[tokio::test]
async fn metadata_is_chosen() {
    let r = router().await;
    let sent =
        [("traceparent", "00-1-2-01"), ("authorization", "Bearer s"), ("x-pot-principal", "forged"), ("cookie", "c")];
    let seen = get(&r, "/v1/books/1", &sent).await.json()["metadata"].clone();
    assert_eq!(seen["traceparent"], "00-1-2-01");
    for name in ["authorization", "x-pot-principal", "cookie"] {
        assert!(seen.get(name).is_none(), "{name}");
    }
    assert!(seen["grpc-timeout"].is_string());
}

mod arbitrary {
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "[a-zA-Z0-9:/+=. -]{0,12}".prop_map(Into::into),
        ];
        let key = prop_oneof![
            prop::sample::select(vec![
                "title",
                "pages",
                "weightG",
                "weight_g",
                "digest",
                "state",
                "ratings",
                "sequels",
                "published",
                "paper",
                "electronic",
                "extra",
                "copies",
                "rating",
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,5}",
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(key.clone(), inner, 0..6)
                    .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Any JSON is taken or refused with the field's name; what was taken comes back the same when sent again.
        #[test]
        fn bodies(body in json()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let r = ROUTER.with(Clone::clone);
                let answer = super::call(&r, "POST", "/v1/shelves/1/books", &[], &body.to_string()).await;
                prop_assert!(answer.status == 400 || answer.status == 200, "{}", answer.status);
                if answer.status == 400 {
                    prop_assert!(answer.json()["errors"][0]["field"].is_string());
                    return Ok(());
                }
                let first = answer.json();
                let again = super::call(&r, "POST", "/v1/shelves/1/books", &[], &first["book"].to_string()).await;
                prop_assert_eq!(first, again.json());
                Ok(())
            })?;
        }

        #[test]
        fn bytes(body in proptest::collection::vec(any::<u8>(), 0..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let status = runtime.block_on(async {
                let request = http::Request::post("/v1/shelves/1/books").header("content-type", "application/json");
                let request = request.body(axum::body::Body::from(body)).unwrap();
                super::support::send(&ROUTER.with(Clone::clone), request).await.status
            });
            prop_assert!(status == 400 || status == 200);
        }
    }

    thread_local! {
        /// In process, answering with the request message itself: these cases are about JSON, not about sockets.
        static ROUTER: axum::Router = {
            let service = tower::service_fn(|request: http::Request<tonic::body::Body>| async move {
                let (messages, _) = super::support::unframe(request.into_body()).await;
                let body = http_body_util::Full::new(super::support::frame(&messages[0]));
                Ok::<_, std::convert::Infallible>(
                    http::Response::builder().header("content-type", "application/grpc").header("grpc-status", "0").body(body).unwrap(),
                )
            });
            // Echo's own fields differ from the request's, so the set is recompiled with the request as the answer.
            let set = super::support::descriptors_with_echo_as("CreateBookRequest");
            let t = transcode::Transcoder::new(&set, transcode::Limits::default()).unwrap();
            t.route(super::support::SERVICE, service).unwrap().into_router()
        };
    }
}
