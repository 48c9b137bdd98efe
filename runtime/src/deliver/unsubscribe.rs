//! Links by which a person stops the advertising: a contact and a channel go in, a link that nobody else can make or
//! read comes out, and the contact and channel come back when it is followed.
//!
//! The token is the contact's id under a key only the daemon has: a keyed BLAKE3 hash of the content is both the
//! proof and the starting point of the key stream (the "synthetic initialisation vector" construction). Nothing has
//! to be stored for a link to work for years.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_ir::message::Channel;
use subtle::ConstantTimeEq as _;

/// Bytes of proof in a token.
const PROOF: usize = 16;
/// The longest token that is looked at, in characters.
const MAX_TOKEN: usize = 4_096;

/// Makes and reads unsubscribe links.
#[derive(Clone)]
pub struct Unsubscribe {
    public_url: Option<String>,
    proof_key: [u8; 32],
    stream_key: [u8; 32],
}

impl std::fmt::Debug for Unsubscribe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unsubscribe")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

impl Unsubscribe {
    /// Links below the daemon's public address, such as `https://journeys.example.kr`. Without one there are no links.
    /// The secret must stay the same for as long as sent links are to work.
    #[must_use]
    pub fn new(public_url: Option<&str>, secret: &[u8; 32]) -> Self {
        Self {
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            proof_key: blake3::derive_key("journey 2026 unsubscribe proof", secret),
            stream_key: blake3::derive_key("journey 2026 unsubscribe stream", secret),
        }
    }

    /// The same construction for the tokens that open a person's in-app inbox, under keys of their own: neither kind of
    /// token is ever taken for the other.
    #[must_use]
    pub fn inbox(&self) -> Self {
        Self {
            public_url: None,
            proof_key: blake3::derive_key("journey 2026 inbox proof", &self.proof_key),
            stream_key: blake3::derive_key("journey 2026 inbox stream", &self.stream_key),
        }
    }

    /// The link for a contact and channel, `<public address>/unsubscribe/<token>`, if there is a public address.
    #[must_use]
    pub fn link(&self, contact: &str, channel: Channel) -> Option<String> {
        let base = self.public_url.as_deref()?;
        Some(format!(
            "{base}/unsubscribe/{}",
            self.token(contact, channel)
        ))
    }

    /// The token for a contact and channel.
    #[must_use]
    pub fn token(&self, contact: &str, channel: Channel) -> String {
        let mut content = format!("{}\n{contact}", channel.word()).into_bytes();
        let proof = self.proof(&content);
        self.apply_stream(&proof, &mut content);
        let mut token = proof.to_vec();
        token.append(&mut content);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The contact and channel a token was made for; `None` for anything this daemon did not make.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<(String, Channel)> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (proof, content) = bytes.split_first_chunk::<PROOF>()?;
        let mut content = content.to_vec();
        self.apply_stream(proof, &mut content);
        if !bool::from(self.proof(&content).ct_eq(proof)) {
            return None;
        }
        let content = String::from_utf8(content).ok()?;
        let (channel, contact) = content.split_once('\n')?;
        Some((contact.to_owned(), Channel::from_word(channel)?))
    }

    fn proof(&self, content: &[u8]) -> [u8; PROOF] {
        let mut proof = [0; PROOF];
        let mut hasher = blake3::Hasher::new_keyed(&self.proof_key);
        hasher.update(content).finalize_xof().fill(&mut proof);
        proof
    }

    fn apply_stream(&self, proof: &[u8; PROOF], content: &mut [u8]) {
        let mut stream = vec![0; content.len()];
        let mut hasher = blake3::Hasher::new_keyed(&self.stream_key);
        hasher.update(proof).finalize_xof().fill(&mut stream);
        for (byte, key) in content.iter_mut().zip(stream) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_to_its_contact_and_channel_only() {
        let ours = Unsubscribe::new(Some("https://j.example.kr/"), &[7; 32]);
        let link = ours.link("민지@example.kr", Channel::Email).unwrap();
        let token = link
            .strip_prefix("https://j.example.kr/unsubscribe/")
            .unwrap();
        assert!(!token.contains("example") && token.is_ascii());
        assert_eq!(
            ours.read(token),
            Some(("민지@example.kr".to_owned(), Channel::Email))
        );
        assert_ne!(ours.token("민지@example.kr", Channel::Sms), token);
        assert_eq!(Unsubscribe::new(None, &[8; 32]).read(token), None);
        assert_eq!(
            Unsubscribe::new(None, &[7; 32]).link("a", Channel::Email),
            None
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let ours = Unsubscribe::new(None, &[7; 32]);
        let token = ours.token("c1", Channel::Email);
        for wrong in [
            "",
            "a",
            "!!!",
            &token.replacen(|_| true, "", 1),
            &format!("{token}A"),
            &"A".repeat(5_000),
        ] {
            assert_eq!(ours.read(wrong), None, "{wrong}");
        }
        let mut bytes = token.into_bytes();
        for at in 0..bytes.len() {
            let original = bytes[at];
            bytes[at] = if original == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes.clone()).unwrap();
            // The last character carries bits that decode to nothing; base64 refuses those itself.
            assert_eq!(ours.read(&changed), None, "{at}");
            bytes[at] = original;
        }
    }
}
