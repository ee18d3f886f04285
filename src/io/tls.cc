#include "io/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sluice::io {
namespace {

template <auto free>
using Freed = decltype([](auto* object) { free(object); });
using BioPointer = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Freed<X509_free>>;
using ContextPointer = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

constexpr int plain_piece_bytes = 16 << 10;  // a TLS record's plain text at most
constexpr long certificate_seconds = 10L * 365 * 24 * 3600;
constexpr unsigned char protocols[] = "\x08http/1.1";  // ALPN's list: length, name

std::unexpected<Fault> fault(std::string what) {
  char reason[256] = "unknown";
  const unsigned long code = ERR_get_error();
  if (code != 0) {
    ERR_error_string_n(code, reason, sizeof reason);
  }
  ERR_clear_error();
  return std::unexpected(Fault{std::make_error_code(std::errc::invalid_argument), what + ": " + std::string(reason)});
}

BioPointer bio_of(const std::string& text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(bytes));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes, const unsigned char* offered,
                    unsigned int offered_bytes, void*) {
  unsigned char* found = nullptr;
  const int state =
      SSL_select_next_proto(&found, chosen_bytes, protocols, sizeof protocols - 1, offered, offered_bytes);
  *chosen = found;
  return state == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

bool use_certificate(SSL_CTX* context, const std::string& pem) {
  const BioPointer bio = bio_of(pem);
  const CertificatePointer first(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!first || SSL_CTX_use_certificate(context, first.get()) != 1) {
    return false;
  }
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return false;
    }
  }
  ERR_clear_error();  // the end of the text counts as an error
  return true;
}

bool add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) {
    return false;
  }
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>("localhost");
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), certificate_seconds) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 &&
         add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") && X509_sign(certificate, key, EVP_sha256()) != 0;
}

}  // namespace

struct TlsContext::State {
  ContextPointer context;
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Outcome<std::unique_ptr<TlsContext>> TlsContext::make(const std::string& certificate, const std::string& key) {
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  if (!context) {
    return fault("make a TLS context");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // idle connections keep none
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (!use_certificate(context.get(), certificate)) {
    return fault("read the TLS certificate");
  }
  const BioPointer bio = bio_of(key);
  const KeyPointer read(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!read || SSL_CTX_use_PrivateKey(context.get(), read.get()) != 1) {
    return fault("read the TLS key");
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return fault("match the TLS key with the certificate");
  }
  return std::unique_ptr<TlsContext>(new TlsContext(std::make_unique<State>(State{std::move(context)})));
}

struct TlsSession::State {
  std::unique_ptr<SSL, Freed<SSL_free>> ssl;
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl

  void take_out(std::string& into) {
    char* data = nullptr;
    const long bytes = BIO_get_mem_data(out, &data);
    if (bytes > 0) {
      into.append(data, static_cast<std::size_t>(bytes));
      BIO_reset(out);
    }
  }
};

TlsSession::TlsSession(const TlsContext& context) : state_(std::make_unique<State>()) {
  state_->ssl.reset(SSL_new(context.state_->context.get()));
  state_->in = BIO_new(BIO_s_mem());
  state_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(state_->ssl.get(), state_->in, state_->out);
  SSL_set_accept_state(state_->ssl.get());
}

TlsSession::~TlsSession() = default;

bool TlsSession::receive(std::string_view bytes, std::string& plain, std::string& answer) {
  ERR_clear_error();
  BIO_write(state_->in, bytes.data(), static_cast<int>(bytes.size()));
  int got = 0;
  do {
    const std::size_t before = plain.size();
    plain.resize(before + plain_piece_bytes);
    got = SSL_read(state_->ssl.get(), plain.data() + before, plain_piece_bytes);
    plain.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  } while (got > 0);
  const int error = SSL_get_error(state_->ssl.get(), got);
  state_->take_out(answer);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

void TlsSession::send(std::string_view plain, std::string& sealed) {
  if (!plain.empty()) {
    // Into memory: it takes all, or the session is broken, which the next receive tells.
    SSL_write(state_->ssl.get(), plain.data(), static_cast<int>(plain.size()));
    ERR_clear_error();
  }
  state_->take_out(sealed);
}

void TlsSession::end(std::string& sealed) {
  SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
  state_->take_out(sealed);
}

Outcome<SelfSigned> make_self_signed() {
  const KeyPointer key(EVP_EC_gen("P-256"));
  const CertificatePointer certificate(X509_new());
  if (!key || !certificate || !fill_certificate(certificate.get(), key.get())) {
    return fault("make a certificate");
  }
  const BioPointer certificate_text(BIO_new(BIO_s_mem()));
  const BioPointer key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return fault("write a certificate");
  }
  return SelfSigned{text_of(certificate_text.get()), text_of(key_text.get())};
}

}  // namespace sluice::io
