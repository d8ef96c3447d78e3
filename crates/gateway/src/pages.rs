//! The pages for people: what runs here, and the API's documentation. Self-contained, in three languages.

use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use crate::health::ServiceHealth;

const STYLE: &str = include_str!("../assets/style.css");
const DOCS_SCRIPT: &str = include_str!("../assets/docs.js");
/// Nothing from elsewhere, nothing inline, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Portuguese,
    Spanish,
}

struct Text {
    tag: &'static str,
    tagline: &'static str,
    version: &'static str,
    services: &'static str,
    service: &'static str,
    state: &'static str,
    up: &'static str,
    down: &'static str,
    all_up: &'static str,
    some_down: &'static str,
    api: &'static str,
    docs: &'static str,
    document: &'static str,
    first: &'static str,
    loading: &'static str,
    needs_script: &'static str,
    skip: &'static str,
    back: &'static str,
}

const ENGLISH: Text = Text {
    tag: "en",
    tagline: "A sentence becomes a printed part.",
    version: "Version",
    services: "Services",
    service: "Service",
    state: "State",
    up: "up",
    down: "down",
    all_up: "Everything is running.",
    some_down: "A part of the platform is not answering.",
    api: "The API",
    docs: "API documentation",
    document: "OpenAPI document",
    first: "Ask for a first part on the command line:",
    loading: "Loading the API description …",
    needs_script: "This page needs JavaScript; the OpenAPI document has the same content.",
    skip: "Skip to content",
    back: "Back to the start page",
};

const PORTUGUESE: Text = Text {
    tag: "pt",
    tagline: "Uma frase vira uma peça impressa.",
    version: "Versão",
    services: "Serviços",
    service: "Serviço",
    state: "Estado",
    up: "no ar",
    down: "fora do ar",
    all_up: "Tudo está funcionando.",
    some_down: "Uma parte da plataforma não responde.",
    api: "A API",
    docs: "Documentação da API",
    document: "Documento OpenAPI",
    first: "Peça uma primeira peça na linha de comando:",
    loading: "Carregando a descrição da API …",
    needs_script: "Esta página precisa de JavaScript; o documento OpenAPI tem o mesmo conteúdo.",
    skip: "Ir para o conteúdo",
    back: "Voltar à página inicial",
};

const SPANISH: Text = Text {
    tag: "es",
    tagline: "Una frase se convierte en una pieza impresa.",
    version: "Versión",
    services: "Servicios",
    service: "Servicio",
    state: "Estado",
    up: "activo",
    down: "caído",
    all_up: "Todo funciona.",
    some_down: "Una parte de la plataforma no responde.",
    api: "La API",
    docs: "Documentación de la API",
    document: "Documento OpenAPI",
    first: "Pida una primera pieza en la línea de órdenes:",
    loading: "Cargando la descripción de la API …",
    needs_script: "Esta página necesita JavaScript; el documento OpenAPI tiene el mismo contenido.",
    skip: "Ir al contenido",
    back: "Volver a la página inicial",
};

impl Language {
    /// The best of ours by Accept-Language; English when none is asked for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut best = (0.0, Self::English);
        for item in accepted.split(',').take(20) {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality =
                parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
            let language = match tag.split('-').next().unwrap_or_default() {
                "pt" => Self::Portuguese,
                "es" => Self::Spanish,
                "en" => Self::English,
                _ => continue,
            };
            if let Some(quality) = quality.filter(|q| *q > best.0) {
                best = (quality, language);
            }
        }
        best.1
    }

    fn text(self) -> &'static Text {
        match self {
            Self::English => &ENGLISH,
            Self::Portuguese => &PORTUGUESE,
            Self::Spanish => &SPANISH,
        }
    }
}

/// The start page.
pub(crate) fn home(language: Language, version: &str, services: &[ServiceHealth]) -> Response {
    let t = language.text();
    let rows: String = services.iter().map(|s| row(t, s)).collect();
    let summary = if services.iter().all(|s| s.up) { t.all_up } else { t.some_down };
    let main = format!(
        r#"<h1>3D Pot</h1>
<p>{tagline}</p>
<p>{version_label} {version}</p>
<section aria-labelledby="services"><h2 id="services">{services_label}</h2>
<p role="status">{summary}</p>
<table><thead><tr><th scope="col">{service}</th><th scope="col">{state}</th></tr></thead><tbody>{rows}</tbody></table></section>
<section aria-labelledby="api"><h2 id="api">{api}</h2>
<ul><li><a href="/docs">{docs}</a></li><li><a href="/openapi.json">{document}</a></li></ul>
<p>{first}</p><pre tabindex="0"><code>pot make "a plant pot 120 mm wide and 100 mm tall"</code></pre></section>"#,
        tagline = t.tagline,
        version_label = t.version,
        version = escape(version),
        services_label = t.services,
        service = t.service,
        state = t.state,
        api = t.api,
        docs = t.docs,
        document = t.document,
        first = t.first,
    );
    page(t, "3D Pot", &main, "")
}

fn row(t: &Text, service: &ServiceHealth) -> String {
    let (class, word, mark) = if service.up { ("up", t.up, "✓") } else { ("down", t.down, "✗") };
    // The state is a word and a mark, so that it does not depend on seeing the colour.
    format!(
        r#"<tr><th scope="row">{}</th><td class="{class}"><span aria-hidden="true">{mark}</span> {word}</td></tr>"#,
        escape(&service.service)
    )
}

/// The documentation's frame; the script fills it from /openapi.json.
pub(crate) fn docs(language: Language) -> Response {
    let t = language.text();
    let main = format!(
        r#"<p><a href="/">{back}</a></p><h1>{title}</h1>
<noscript><p>{needs_script} <a href="/openapi.json">{document}</a></p></noscript>
<div id="api" data-loading="{loading}" aria-live="polite"></div>"#,
        back = t.back,
        title = t.docs,
        needs_script = t.needs_script,
        document = t.document,
        loading = t.loading,
    );
    page(t, t.docs, &main, r#"<script src="/assets/docs.js" defer></script>"#)
}

fn page(t: &Text, title: &str, main: &str, head: &str) -> Response {
    let html = format!(
        r##"<!doctype html>
<html lang="{tag}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/style.css">{head}</head>
<body><a class="skip" href="#main">{skip}</a><main id="main">{main}</main></body></html>
"##,
        tag = t.tag,
        skip = t.skip,
    );
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(t.tag));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    (headers, html).into_response()
}

pub(crate) fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

pub(crate) fn docs_script() -> Response {
    asset("text/javascript; charset=utf-8", DOCS_SCRIPT)
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers =
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache"), (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_language_wins() {
        let language = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(language("pt-BR,pt;q=0.9,en;q=0.8"), Language::Portuguese);
        assert_eq!(language("fr, es-419;q=0.7, en;q=0.3"), Language::Spanish);
        assert_eq!(language("en;q=0.2, pt;q=0.1"), Language::English);
        assert_eq!(language("de"), Language::English);
        assert_eq!(language("pt;q=x"), Language::English);
    }
}
