//! Mutual TLS with exactly one peer: the core that started this process.
//!
//! Core hands its one-time certificate over in the environment and expects ours on stdout, so both
//! sides pin the other's bytes and no chain is ever built. Core's key is on P-521, which ring cannot
//! verify; the pure Rust curve fills that gap at a tenth of the start-up time of another backend.

use std::sync::Arc;

use p521::ecdsa::signature::Verifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, PrivateKeyDer, PrivatePkcs8KeyDer,
    SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible,
    ServerConfig, SignatureScheme,
};

/// Why mutual TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The environment holds something else than a PEM certificate.
    #[error("the certificate in `PLUGIN_CLIENT_CERT` cannot be read: {0}")]
    ClientCertificate(rustls::pki_types::pem::Error),
    /// Our own certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    OwnCertificate(#[from] rcgen::Error),
    /// The TLS library refuses the configuration.
    #[error("cannot set up TLS: {0}")]
    Configuration(#[from] Error),
}

/// A TLS configuration that only the holder of the certificate `client` can talk to, and the DER of
/// the certificate that it shows.
pub(crate) fn server(client: &str) -> Result<(Arc<ServerConfig>, Vec<u8>), TlsError> {
    let client = CertificateDer::from_pem_slice(client.as_bytes())
        .map_err(TlsError::ClientCertificate)?
        .into_owned();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = own.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let verifier = Pinned { client, algorithms };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(vec![certificate.clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Core connects once; tickets for resuming would only cost it two more messages.
    config.send_tls13_tickets = 0;
    Ok((Arc::new(config), certificate.to_vec()))
}

/// Accepts one certificate, byte for byte, from whoever proves to hold its key.
#[derive(Debug)]
struct Pinned {
    client: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if end_entity.as_ref() == self.client.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = match dss.scheme {
            SignatureScheme::ECDSA_NISTP521_SHA512 => &P521,
            _ => &self.algorithms,
        };
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let schemes = P521.mapping.iter().chain(self.algorithms.mapping);
        schemes.map(|(scheme, _)| *scheme).collect()
    }
}

/// The one scheme that ring lacks.
static P521: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[&EcdsaP521Sha512],
    mapping: &[(SignatureScheme::ECDSA_NISTP521_SHA512, &[&EcdsaP521Sha512])],
};

#[derive(Debug)]
struct EcdsaP521Sha512;

impl SignatureVerificationAlgorithm for EcdsaP521Sha512 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}
