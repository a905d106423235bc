<?php
// Says who a signed-in shopper is, for deskbell('identify', { token }). PHP 7.4 or newer, nothing to install.
// The secret stays on the server: whoever has it can be any shopper.

function deskbell_encode(string $data): string
{
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}

/** $shopper: ['id' => …, 'name' => …, 'email' => …, 'attributes' => […]], of which 'id' alone is needed. */
function deskbell_token(string $siteKey, string $secret, array $shopper): string
{
    $claims = ['aud' => $siteKey, 'sub' => (string) $shopper['id'], 'exp' => time() + 3600];
    foreach (['name', 'email', 'attributes'] as $known) {
        if (!empty($shopper[$known])) {
            $claims[$known] = $shopper[$known];
        }
    }
    $signed = deskbell_encode(json_encode(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . deskbell_encode(json_encode($claims));
    return $signed . '.' . deskbell_encode(hash_hmac('sha256', $signed, $secret, true));
}

// To try it: php identify.php
if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    $shopper = ['id' => 4711, 'name' => 'Zoë Müller', 'email' => 'zoe@shop.example', 'attributes' => ['plan' => 'gold']];
    echo deskbell_token(getenv('DESKBELL_SITE_KEY'), getenv('DESKBELL_SITE_SECRET'), $shopper), "\n";
}
