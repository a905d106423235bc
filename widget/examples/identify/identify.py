"""Says who a signed-in shopper is, for deskbell('identify', { token }). Python 3.8 or newer, nothing to install.

The secret stays on the server: whoever has it can be any shopper.
"""

import base64
import hashlib
import hmac
import json
import os
import time


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def deskbell_token(site_key, secret, shopper_id, name=None, email=None, attributes=None):
    claims = {"aud": site_key, "sub": str(shopper_id), "exp": int(time.time()) + 3600}
    known = {"name": name, "email": email, "attributes": attributes}
    claims.update({key: value for key, value in known.items() if value is not None})
    header = {"alg": "HS256", "typ": "JWT"}
    signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encode(signature)}"


# To try it: python3 identify.py
if __name__ == "__main__":
    key, secret = os.environ["DESKBELL_SITE_KEY"], os.environ["DESKBELL_SITE_SECRET"]
    print(deskbell_token(key, secret, 4711, "Zoë Müller", "zoe@shop.example", {"plan": "gold"}))
