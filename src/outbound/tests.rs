use super::resolver::Names;
use super::{Fetched, Outbound, Why, Wish};
use ipnet::IpNet;
use reqwest::header::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const WISH: Wish<'_> = Wish { accept: "text/html", most: 1_000, cut: false, origins: &[] };

fn outbound(allowed: &[&str], names: Names) -> Outbound {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let allowed: Vec<IpNet> = allowed.iter().map(|net| net.parse().unwrap()).collect();
    Outbound::with_names(&allowed, "https://chat.example", names).unwrap()
}

fn told(answers: &[&[&str]]) -> Names {
    let parse = |list: &&[&str]| list.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).collect();
    Names::Told(Arc::new(Mutex::new(answers.iter().map(parse).collect())))
}

/// A host that gives each request the next of its answers, and counts connections.
async fn host(answers: &[&str]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, hits) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (answers, counted): (Vec<String>, _) = (answers.iter().map(|a| (*a).to_owned()).collect(), Arc::clone(&hits));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let n = counted.fetch_add(1, Ordering::SeqCst);
            let answer = answers[n.min(answers.len() - 1)].replace("PORT", &address.port().to_string());
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.ends_with("HANG") {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    (address, hits)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn to(location: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

async fn get(out: &Outbound, at: &str) -> Result<Fetched, Why> {
    out.get(&url(at), &WISH).await
}

/// Addresses that lead inside, or that are no addresses to fetch; what `*` stands before is a name that resolves to it.
const REFUSED: [&str; 66] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127.255.255.254/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.255.255/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::ffff:0:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001::1]/",
    "http://[2001:10::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[2606:4700::5efe:a00:1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://ok@127.0.0.1/",
    "http://ok:pass@shop.example/",
    "http://127.0.0.1#@shop.example/",
    "http://127.0.0.1\\@shop.example/",
    "gopher://shop.example/",
    "file:///etc/passwd",
    "ftp://shop.example/",
    "data:text/html,x",
    "http://8.8.8.8:25/",
];

#[tokio::test]
async fn what_leads_inside_is_refused_when_it_is_saved_and_when_it_is_asked() {
    let out = outbound(&[], told(&[&["127.0.0.1"]]));
    for bad in REFUSED {
        let bad = url(bad);
        let (saved, sent) = (out.check(&bad).await, out.get(&bad, &WISH).await.map(|_| ()));
        let posted = out.post(&bad, HeaderMap::new(), Vec::new()).await.map(|_| ());
        assert!(matches!(saved, Err(Why::Address(_) | Why::Private | Why::Port)), "{bad}: {saved:?}");
        assert_eq!((&saved, &saved), (&sent, &posted), "{bad}");
    }
    for bad in ["http://", "http:///", "//shop.example", "shop.example", "http://[::1", "http://a b/"] {
        let parsed = Url::parse(bad);
        assert!(parsed.is_err(), "{bad}: {parsed:?}");
    }
    let long = url(&format!("http://shop.example/{}", "a".repeat(3_000)));
    assert_eq!(out.check(&long).await, Err(Why::Address("the address is too long")));
}

#[tokio::test]
async fn names_that_lead_inside_are_refused_and_the_others_are_not() {
    for inside in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"] {
        let out = outbound(&[], told(&[&[inside]]));
        assert_eq!(out.check(&url("https://rebind.example/")).await, Err(Why::Private), "{inside}");
        assert_eq!(get(&out, "http://rebind.example/").await.err(), Some(Why::Private), "{inside}");
    }
    let out = outbound(&[], told(&[&["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]]));
    assert_eq!(out.check(&url("https://shop.example/")).await, Ok(()));
    assert_eq!(out.check(&url("https://shop.example:8443/")).await, Err(Why::Port));
    assert_eq!(out.check(&url("https://93.184.215.14/")).await, Ok(()));
    assert_eq!(outbound(&[], told(&[&[]])).check(&url("https://nowhere.example/")).await, Err(Why::Name));
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_connected_to() {
    let (canary, hits) = host(&[&ok("secret")]).await;
    let out = outbound(&["198.51.100.0/24"], told(&[&["198.51.100.7"], &["127.0.0.1"]]));
    let shop = format!("http://shop.example:{}/", canary.port());
    assert_eq!(out.check(&url(&shop)).await, Ok(()), "saved with a good address");
    assert_eq!(get(&out, &shop).await.err(), Some(Why::Private), "which is another one when it is asked");
    assert_eq!(hits.load(Ordering::SeqCst), 0);
    let mixed = outbound(&["127.0.0.1/32"], told(&[&["10.0.0.1", "127.0.0.1"]]));
    assert_eq!(get(&mixed, &shop).await.unwrap().body, b"secret", "the canary can be heard, by who may");
}

#[tokio::test]
async fn an_allowed_network_is_reached_at_any_port_and_nothing_beside_it() {
    let (shop, _) = host(&[&ok("hello")]).await;
    let out = outbound(&["127.0.0.1/32"], told(&[&["127.0.0.1"]]));
    let page = get(&out, &format!("http://{shop}/")).await.unwrap();
    assert_eq!((page.body.as_slice(), page.mime().as_str()), (b"hello".as_slice(), "text/html"));
    assert_eq!(get(&out, &format!("http://shop.example:{}/", shop.port())).await.unwrap().body, b"hello");
    for other in ["http://127.0.0.2:8080/", "http://10.0.0.1/", "http://[::1]/"] {
        assert_eq!(get(&out, other).await.err(), Some(Why::Private), "{other}");
    }
    assert_eq!(out.check(&url("http://8.8.8.8:8080/")).await, Err(Why::Port));
}

#[tokio::test]
async fn each_redirect_is_checked_anew_and_there_are_three_at_most() {
    for inside in ["http://10.0.0.1/", "http://[::1]/", "http://0x7f.2/", "file:///etc/passwd", "//a@127.0.0.1:PORT/"] {
        let (shop, hits) = host(&[&to(inside), &ok("secret")]).await;
        let out = outbound(&["127.0.0.1/32"], told(&[&["127.0.0.1"]]));
        let why = get(&out, &format!("http://{shop}/")).await.err().unwrap();
        assert!(matches!(why, Why::Private | Why::Address(_)), "{inside}: {why:?}");
        assert_eq!(hits.load(Ordering::SeqCst), 1, "{inside}");
    }
    let out = outbound(&["127.0.0.1/32"], told(&[&["127.0.0.1"]]));
    let (near, _) = host(&[&to("/a"), &to("b"), &to("http://127.0.0.1:PORT/c"), &ok("there")]).await;
    let page = get(&out, &format!("http://{near}/")).await.unwrap();
    assert_eq!((page.url.path(), page.body.as_slice()), ("/c", b"there".as_slice()));
    let (round, hits) = host(&[&to("/")]).await;
    assert_eq!(get(&out, &format!("http://{round}/")).await.err(), Some(Why::Redirects));
    assert_eq!(hits.load(Ordering::SeqCst), 4);
    let (shop, _) = host(&[&to("http://other.example/")]).await;
    let origins = [format!("http://{shop}")];
    let wish = Wish { origins: &origins, ..WISH };
    let why = out.get(&url(&format!("http://{shop}/")), &wish).await.err();
    assert_eq!(why, Some(Why::Elsewhere(url("http://other.example/"))));
}

#[tokio::test]
async fn what_is_read_is_bounded_while_it_streams() {
    let out = outbound(&["127.0.0.1/32"], told(&[&["127.0.0.1"]]));
    let (large, _) = host(&[&ok(&"a".repeat(2_000))]).await;
    assert_eq!(get(&out, &format!("http://{large}/")).await.err(), Some(Why::TooLarge));
    let cut = out.get(&url(&format!("http://{large}/")), &Wish { cut: true, ..WISH }).await.unwrap();
    assert_eq!(cut.body.len(), 1_000);
    // A length that is not stated, or that lies.
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}HANG", "a".repeat(5_000));
    let (endless, _) = host(&[&endless]).await;
    assert_eq!(get(&out, &format!("http://{endless}/")).await.err(), Some(Why::TooLarge));
    let lying = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\nshort", 1_u64 << 62);
    let (lying, _) = host(&[&lying]).await;
    assert_eq!(get(&out, &format!("http://{lying}/")).await.err(), Some(Why::TooLarge));
    let packed = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\na";
    let (packed, _) = host(&[packed]).await;
    assert_eq!(get(&out, &format!("http://{packed}/")).await.err(), Some(Why::Encoded));
    let (closed, _) = host(&["nothing that is HTTP"]).await;
    assert_eq!(get(&out, &format!("http://{closed}/")).await.err(), Some(Why::Unreachable));
}

#[tokio::test]
async fn a_slow_host_keeps_nobody_for_long_and_nobody_else() {
    let mut out = outbound(&["127.0.0.0/8"], told(&[&["127.0.0.1"]]));
    assert_eq!(out.patience, Duration::from_secs(10));
    out.patience = Duration::from_millis(1_500);
    let (slow, hits) = host(&["HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nHANG"]).await;
    let (quick, _) = host(&[&ok("quick")]).await;
    let slow = format!("http://slow.example:{}/", slow.port());
    let all = futures_util::future::join_all((0..20).map(|_| get(&out, &slow)));
    let beside = async {
        while hits.load(Ordering::SeqCst) < 4 {
            tokio::task::yield_now().await;
        }
        let body = get(&out, &format!("http://{quick}/")).await.unwrap().body;
        assert_eq!(hits.load(Ordering::SeqCst), 4, "four at once to one host");
        body
    };
    let (ended, beside) = tokio::join!(all, beside);
    assert_eq!(beside, b"quick");
    assert!(ended.iter().all(|answer| answer.as_ref().err() == Some(&Why::Slow)));
}

#[tokio::test]
async fn more_than_can_be_done_is_refused_at_once() {
    let mut out = outbound(&["127.0.0.0/8"], told(&[&["127.0.0.1"]]));
    out.patience = Duration::from_millis(300);
    let (slow, _) = host(&["HANG"]).await;
    let slow = format!("http://slow.example:{}/", slow.port());
    let ended = futures_util::future::join_all((0..300).map(|_| get(&out, &slow))).await;
    let busy = ended.iter().filter(|answer| answer.as_ref().err() == Some(&Why::Busy)).count();
    assert_eq!(busy, 44);
}
