//! The agent API's access token: a JWT of 15 minutes that names a session, so that it can be revoked.

use crate::app::App;
use crate::domain::id::{AgentId, SessionId};
use crate::error::{Error, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "deskbell";
pub const ACCESS_MINUTES: i64 = 15;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: AgentId,
    sid: SessionId,
    exp: i64,
}

pub fn sign(app: &App, agent: AgentId, session: SessionId) -> Result<String> {
    let exp = (app.clock.now() + chrono::TimeDelta::minutes(ACCESS_MINUTES)).timestamp();
    let claims = Claims { iss: ISSUER.into(), sub: agent, sid: session, exp };
    let key = EncodingKey::from_secret(&app.config.secret_key.derive("access-token"));
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(Error::bug)
}

/// The agent and session of a token, if it is ours and fresh. Whether the session still lives is asked apart.
pub fn verify(app: &App, token: &str) -> Result<(AgentId, SessionId)> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_required_spec_claims(&["exp", "sub", "iss"]);
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(&app.config.secret_key.derive("access-token"));
    let data = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(|_| Error::SignIn)?;
    if data.claims.exp <= app.clock.now().timestamp() {
        return Err(Error::SignIn);
    }
    Ok((data.claims.sub, data.claims.sid))
}
