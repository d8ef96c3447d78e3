//! An endpoint behind TLS with a certificate authority of its own: who is spoken to, and who never hears a word.

use std::{path::PathBuf, sync::Arc};

use conversation::llm::{Client, Config, Consulted, Kind, Rung, Unanswered};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use test_kit::llm::{LlmServer, Script, Wire};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{TEXT, dialogue, gist, honest, wanted};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate as a file.
    fn file(&self, folder: &tempfile::TempDir) -> PathBuf {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, self.0.pem()).unwrap();
        file
    }

    fn server(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate)], key)
            .unwrap()
    }
}

/// TLS before a scripted server; ends with the test.
struct Front {
    port: u16,
    accepting: JoinHandle<()>,
}

impl Front {
    #[expect(clippy::disallowed_methods, reason = "aborted with the front it serves")]
    async fn start(tls: ServerConfig, behind: &LlmServer) -> Front {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = behind.base_url().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that refuses the certificate hangs up here.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut behind = TcpStream::connect(&address).await.unwrap();
                drop(copy_bidirectional(&mut stream, &mut behind).await);
            }
        });
        Front { port, accepting }
    }

    fn config(&self, ca_file: Option<PathBuf>) -> Config {
        let base = format!("https://localhost:{}/v1", self.port);
        let times = Config {
            connect_ms: 1_000,
            first_token_ms: 2_000,
            idle_ms: 2_000,
            turn_ms: 3_000,
            ..Config::new(Kind::OpenAi, base, "scripted")
        };
        Config { ca_file, ..times }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn plate() -> Script {
    Script::answer(Wire::OpenAi, &[&honest().to_string()])
}

#[tokio::test]
async fn a_server_with_its_own_authority_is_trusted_by_its_file() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = LlmServer::start([plate()]).await;
    let front = Front::start(authority.server("localhost"), &server).await;
    let client = Client::new(&front.config(Some(authority.file(&folder)))).unwrap();
    let assisted = dialogue(&[TEXT]).consult(&client, Some(Rung::JsonSchema)).await;
    assert_eq!(assisted.consulted, Consulted::Taken);
    assert_eq!(gist(assisted.outcome.state.part()), wanted());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_stranger_hears_nothing() {
    let (authority, other, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let server = LlmServer::start([plate(), plate(), plate()]).await;
    let file = authority.file(&folder);
    for (tls, ca_file, what) in [
        (authority.server("localhost"), None, "an authority that the system does not know"),
        (other.server("localhost"), Some(file.clone()), "another authority"),
        (authority.server("elsewhere.example"), Some(file), "a certificate for another name"),
    ] {
        let front = Front::start(tls, &server).await;
        let own = ca_file.is_some();
        let client = match Client::new(&front.config(ca_file)) {
            Ok(client) => client,
            // A machine without any certificates trusts nobody either.
            Err(error) => {
                assert!(!own && error.violations()[0].field == "conversation.llm.base_url", "{error}");
                continue;
            }
        };
        let dialogue = dialogue(&[TEXT]);
        let assisted = dialogue.consult(&client, Some(Rung::JsonSchema)).await;
        assert_eq!(assisted.consulted, Consulted::Unanswered(Unanswered::Connect), "{what}");
        dialogue.assert_untouched(&assisted, what);
    }
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_file_without_certificates_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate\n").unwrap();
    for file in [empty, folder.path().join("missing.pem")] {
        let config = Config::new(Kind::OpenAi, "https://localhost:1/v1", "m");
        let error = Client::new(&Config { ca_file: Some(file), ..config }).err().unwrap();
        assert_eq!(error.violations()[0].field, "conversation.llm.ca_file");
    }
}
