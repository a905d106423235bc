# Says who a signed-in shopper is, for deskbell('identify', { token }). Ruby 2.7 or newer, nothing to install.
# The secret stays on the server: whoever has it can be any shopper.

require "json"
require "openssl"

def deskbell_encode(data)
  [data].pack("m0").tr("+/", "-_").delete("=")
end

# Of what is known about the shopper the id alone is needed.
def deskbell_token(site_key, secret, id:, name: nil, email: nil, attributes: nil)
  claims = { aud: site_key, sub: id.to_s, exp: Time.now.to_i + 3600, name: name, email: email, attributes: attributes }
  signed = [{ alg: "HS256", typ: "JWT" }, claims.compact].map { |part| deskbell_encode(JSON.generate(part)) }.join(".")
  "#{signed}.#{deskbell_encode(OpenSSL::HMAC.digest("SHA256", secret, signed))}"
end

# To try it: ruby identify.rb
if $PROGRAM_NAME == __FILE__
  puts deskbell_token(ENV.fetch("DESKBELL_SITE_KEY"), ENV.fetch("DESKBELL_SITE_SECRET"),
                      id: 4711, name: "Zoë Müller", email: "zoe@shop.example", attributes: { plan: "gold" })
end
