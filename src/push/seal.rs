//! Sealing a message for one browser: RFC 8291 over RFC 8188's `aes128gcm`, one record.

use aes_gcm::aead::Aead;
use aes_gcm::{Aes128Gcm, KeyInit};
use anyhow::{Context, anyhow};
use hkdf::Hkdf;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;

/// Lengths of a browser's key and secret, in bytes.
pub const POINT: usize = 65;
pub const AUTH: usize = 16;
/// Largest message that push services must take is 4,096 bytes sealed (RFC 8030, section 7.2); ours stay well below.
pub const PLAIN_MAX: usize = 3_000;
const RECORD: u32 = 4_096;
const SALT: usize = 16;

/// Whether these bytes are a browser's key.
pub fn is_point(bytes: &[u8]) -> bool {
    bytes.len() == POINT && PublicKey::from_sec1_bytes(bytes).is_ok()
}

/// Whom it is for.
pub struct Browser<'a> {
    pub p256dh: &'a [u8],
    pub auth: &'a [u8],
}

/// The body of the request. `own` is made for this message alone, and so is `salt`.
pub fn seal(browser: &Browser<'_>, own: &SecretKey, salt: [u8; SALT], plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    anyhow::ensure!(plain.len() <= PLAIN_MAX, "the notification is too long");
    let theirs = PublicKey::from_sec1_bytes(browser.p256dh).context("the browser's key is none")?;
    let ours = own.public_key().to_encoded_point(false);
    let shared = diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let info = [b"WebPush: info\0".as_slice(), browser.p256dh, ours.as_bytes()].concat();
    let secret: [u8; 32] = expand(browser.auth, shared.raw_secret_bytes(), &info)?;
    let key: [u8; 16] = expand(&salt, &secret, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = expand(&salt, &secret, b"Content-Encoding: nonce\0")?;
    // 2 marks the last record.
    let padded = [plain, &[2]].concat();
    let cipher = Aes128Gcm::new(&key.into());
    let sealed =
        cipher.encrypt(&nonce.into(), padded.as_slice()).map_err(|_| anyhow!("the message cannot be sealed"))?;
    let length = u8::try_from(POINT).context("a point is 65 bytes long")?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[length], ours.as_bytes(), &sealed].concat())
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> anyhow::Result<[u8; N]> {
    let mut out = [0; N];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut out).map_err(|_| anyhow!("too much is derived"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Browser, PLAIN_MAX, is_point, seal};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use p256::SecretKey;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    const THEIRS: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    #[test]
    fn the_standards_own_example_comes_out() {
        // RFC 8291, section 5 and appendix A.
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let (theirs, auth) = (bytes(THEIRS), bytes("BTBZMqHH6r4Tts7J_aSIgg"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let browser = Browser { p256dh: &theirs, auth: &auth };
        let sealed = seal(&browser, &own, salt, b"When I grow up, I want to be a watermelon").unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn what_is_no_key_or_too_long_is_refused() {
        assert!(is_point(&bytes(THEIRS)));
        let mut off_the_curve = bytes(THEIRS);
        off_the_curve[40] ^= 1;
        for bad in [Vec::new(), vec![4; 65], off_the_curve, bytes(THEIRS)[..64].to_vec()] {
            assert!(!is_point(&bad), "{bad:?}");
        }
        let own = SecretKey::from_slice(&[7; 32]).unwrap();
        let (theirs, auth) = (bytes(THEIRS), [1; 16]);
        let browser = Browser { p256dh: &theirs, auth: &auth };
        assert!(seal(&browser, &own, [0; 16], &[0; PLAIN_MAX + 1]).is_err());
        assert!(seal(&browser, &own, [0; 16], &[0; PLAIN_MAX]).unwrap().len() <= 4_096);
    }
}
