//! The shop's word for who its shopper is: a JWT signed with the site's secret.

use crate::domain::people::{parse_email, tidy_name};
use crate::domain::site::Site;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest life of a statement, in seconds, and how far clocks may disagree.
const LIFE_MAX: i64 = 24 * 3_600;
const LEEWAY: i64 = 60;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    name: Option<String>,
    email: Option<String>,
    attributes: Option<Map<String, Value>>,
}

pub struct Verified {
    pub external_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub attributes: Value,
}

/// `None`: not signed by this shop for this site, too old or too long-lived. The algorithm is fixed: a header cannot choose it.
pub fn verify(site: &Site, token: &str, now: DateTime<Utc>) -> Option<Verified> {
    if token.len() > 8 * 1024 {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[&site.public_key]);
    rules.set_required_spec_claims(&["exp", "sub", "aud"]);
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(site.secret.as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules).ok()?.claims;
    let left = claims.exp - now.timestamp();
    let is_sound =
        (-LEEWAY..=LIFE_MAX + LEEWAY).contains(&left) && !claims.sub.trim().is_empty() && claims.sub.len() <= 255;
    is_sound.then(|| Verified {
        external_id: claims.sub.chars().filter(|c| !c.is_control()).collect(),
        name: claims.name.map(|name| tidy_name(&name)),
        email: claims.email.as_deref().and_then(parse_email),
        attributes: claims.attributes.map_or_else(|| Value::Object(Map::new()), without_nul),
    })
}

/// PostgreSQL's jsonb cannot hold U+0000.
fn without_nul(attributes: Map<String, Value>) -> Value {
    let value = Value::Object(attributes);
    if value.to_string().contains("\\u0000") { Value::Object(Map::new()) } else { value }
}

#[cfg(test)]
mod tests {
    use super::verify;
    use crate::domain::id::SiteId;
    use crate::domain::site::Site;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    fn site() -> Site {
        Site {
            id: SiteId(uuid::Uuid::nil()),
            public_key: "KEY".into(),
            name: "Shop".into(),
            origins: Vec::new(),
            secret: "s".repeat(43),
            settings: crate::domain::site::Settings::default(),
        }
    }

    fn sign(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    #[test]
    fn only_the_shops_own_fresh_statement_verifies() {
        let (site, now) = (site(), chrono::DateTime::from_timestamp(1_000_000, 0).unwrap());
        let good = json!({"sub": "42", "aud": "KEY", "exp": 1_003_600, "name": "Li Wei", "email": "li@shop.example"});
        let verified = verify(&site, &sign(&good, Algorithm::HS256, &site.secret), now).unwrap();
        assert_eq!((verified.external_id.as_str(), verified.email.as_deref()), ("42", Some("li@shop.example")));
        let with = |field: &str, value: Value| {
            let mut claims = good.clone();
            claims[field] = value;
            sign(&claims, Algorithm::HS256, &site.secret)
        };
        let stripped = sign(&good, Algorithm::HS256, &site.secret).rsplit_once('.').unwrap().0.to_owned() + ".";
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiIsImF1ZCI6IktFWSIsImV4cCI6MTAwMzYwMH0.";
        let bad = [
            sign(&good, Algorithm::HS256, "another site's secret, long enough to sign"),
            sign(&good, Algorithm::HS512, &site.secret),
            with("aud", json!("OTHER")),
            with("exp", json!(999_000)),
            with("exp", json!(1_200_000)),
            with("exp", json!("1003600")),
            with("sub", json!(" ")),
            stripped,
            none.to_owned(),
            String::new(),
        ];
        for (n, token) in bad.iter().enumerate() {
            assert!(verify(&site, token, now).is_none(), "case {n}");
        }
    }
}
