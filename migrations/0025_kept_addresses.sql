-- Who asks what is known of them gives an address: also where they wanted to be called.
create index conversations_by_place on conversations (site_id, lower(place_email)) where place_email is not null;
