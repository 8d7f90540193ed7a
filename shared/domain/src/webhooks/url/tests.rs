//! Tests of which URLs are allowed, and of the messages of those that are refused.

use super::*;

fn strict() -> UrlPolicy {
    UrlPolicy { ports: vec![443], loopback: false }
}

fn on_a_laptop() -> UrlPolicy {
    UrlPolicy { ports: vec![443], loopback: true }
}

fn refusal(policy: &UrlPolicy, text: &str) -> String {
    policy.check(text).expect_err(text).to_string()
}

fn read(variables: &[(&str, &str)]) -> Result<UrlPolicy, String> {
    UrlPolicy::from_variables(|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn a_public_https_url_is_kept_as_it_was_given() {
    for (text, host, port) in [
        ("https://example.com", "example.com", 443),
        ("https://Hooks.Example.com/a/b?c=d%20e", "hooks.example.com", 443),
        ("HTTPS://example.com/@a?b=http://c@d", "example.com", 443),
        ("https://example.com:443/a", "example.com", 443),
        ("https://bücher.example/ü", "xn--bcher-kva.example", 443),
        ("https://a_b.example.com/", "a_b.example.com", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", 443),
    ] {
        for policy in [strict(), on_a_laptop()] {
            let url = policy.check(text).expect(text);
            assert_eq!((url.as_str(), url.host(), url.port()), (text, host, port));
        }
    }
}

#[test]
fn what_is_no_such_url_is_refused_with_what_is_wrong() {
    for (text, said) in [
        ("", "begin with https://"),
        ("example.com", "begin with https://"),
        ("https:example.com", "begin with https://"),
        ("https:/example.com", "begin with https://"),
        ("https:///example.com", "begin with https://"),
        ("a://https://example.com", "begin with https://"),
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("mailto:a@example.com", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://", "empty host"),
        ("https://example.com:8443/", "port 8443. Allowed: 443."),
        ("https://example.com:80/", "port 80"),
        ("https://example.com:65536/", "port"),
        ("https://user@example.com/", "user name"),
        ("https://:secret@example.com/", "password"),
        ("https://@example.com/", "user name"),
        ("https://@example.com?a", "user name"),
        ("https://example.com/#top", "fragment"),
        ("https://exa\nmple.com/", "white space"),
        (" https://example.com/", "white space"),
        ("https://example.com/a b", "white space"),
        ("https://example.com/\u{a0}", "white space"),
        ("https://example.com/\0", "white space"),
        ("https:\\\\example.com/", "backslash"),
        ("https://exa mple.com/", "white space"),
        ("https://exa%20mple.com/", "domain"),
    ] {
        let refusal = refusal(&strict(), text);
        assert!(refusal.contains(said), "{text:?}: {refusal}");
    }
}

#[test]
fn a_url_ends_at_2048_bytes() {
    let long = |bytes: usize| format!("https://example.com/{}", "a".repeat(bytes - 20));
    assert!(strict().check(&long(MAX_URL_BYTES)).is_ok());
    assert!(refusal(&strict(), &long(MAX_URL_BYTES + 1)).contains("2048 bytes"));
}

#[test]
fn an_address_in_any_notation_must_be_global() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "192.168.0.1",
        "100.64.0.1",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::10.0.0.1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[2002:7f00:1::]",
    ] {
        let refusal = refusal(&strict(), &format!("https://{host}/"));
        assert!(refusal.contains("public internet"), "{host}: {refusal}");
    }
    assert!(strict().check("https://134744072/").is_ok(), "8.8.8.8 as one number");
    assert!(refusal(&strict(), "https://[fe80::1%25eth0]/").contains("IPv6"));
    assert!(refusal(&strict(), "https://1.2.3.4.5/").contains("IPv4"));
}

#[test]
fn names_without_a_public_address_are_refused_early() {
    for (host, said) in [
        ("localhost", "whatever machine"),
        ("LOCALHOST", "whatever machine"),
        ("a.localhost", "whatever machine"),
        ("printer.local", ".local at the end"),
        ("db.internal", ".internal at the end"),
        ("ip-10-0-0-1.ec2.internal", ".internal at the end"),
        ("nas.home.arpa", ".home.arpa at the end"),
        ("intranet", "full name"),
        ("intranet.", "dot"),
        ("localhost.", "dot"),
        ("example.com.", "dot"),
    ] {
        let refusal = refusal(&strict(), &format!("https://{host}/"));
        assert!(refusal.contains(said), "{host}: {refusal}");
    }
    for host in ["local.example.com", "localhost.example.com", "notlocal.example", "myinternal.com"] {
        assert!(strict().check(&format!("https://{host}/")).is_ok(), "{host}");
    }
}

#[test]
fn on_a_laptop_the_machine_itself_is_allowed_and_nothing_else() {
    for text in [
        "http://localhost:4000/",
        "https://localhost:8443/",
        "http://127.0.0.1:1/",
        "http://127.9.9.9/",
        "http://[::1]:4000/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        assert!(on_a_laptop().check(text).is_ok(), "{text}");
        assert!(strict().check(text).is_err(), "{text}");
    }
    let refusal = refusal(&strict(), "http://127.0.0.1:4000/");
    assert!(refusal.ends_with("use `inboundflow dev`, without --no-loopback-webhooks."), "{refusal}");
    for text in [
        "http://example.com/",
        "https://example.com:8443/",
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "http://0.0.0.0:4000/",
        "https://[::]/",
        "http://a.localhost/",
        "https://a.localhost/",
        "http://localhost./",
        "https://printer.local/",
        "http://user@localhost/",
        "http://localhost/#top",
        "ftp://localhost/",
    ] {
        assert!(on_a_laptop().check(text).is_err(), "{text}");
    }
}

#[test]
fn a_name_does_not_stand_for_its_addresses() {
    let admitted = |policy: &UrlPolicy, url: &str, ip: &str| {
        let url = on_a_laptop().check(url).expect(url);
        policy.admits(&url, ip.parse().expect(ip))
    };
    for policy in [strict(), on_a_laptop()] {
        assert!(admitted(&policy, "https://example.com/", "8.8.8.8"));
        assert!(!admitted(&policy, "https://example.com/", "127.0.0.1"));
        assert!(!admitted(&policy, "https://example.com/", "::ffff:10.0.0.1"));
        assert!(!admitted(&policy, "http://localhost:4000/", "10.0.0.1"));
    }
    assert!(admitted(&on_a_laptop(), "http://localhost:4000/", "127.0.0.1"));
    assert!(admitted(&on_a_laptop(), "http://localhost:4000/", "::1"));
    assert!(!admitted(&on_a_laptop(), "http://localhost:4000/", "8.8.8.8"));
    assert!(!admitted(&strict(), "http://localhost:4000/", "127.0.0.1"));
}

#[test]
fn the_policy_is_read_from_the_environment() {
    assert_eq!(read(&[]), Ok(strict()));
    assert_eq!(read(&[(ALLOW_LOOPBACK_VARIABLE, "false")]), Ok(strict()));
    let both = read(&[(PORTS_VARIABLE, "443, 8443"), (ALLOW_LOOPBACK_VARIABLE, "true")]);
    assert_eq!(both, Ok(UrlPolicy { ports: vec![443, 8443], loopback: true }));
    for ports in ["", "https", "443,", "0", "65536", "-1"] {
        assert!(read(&[(PORTS_VARIABLE, ports)]).expect_err(ports).starts_with(PORTS_VARIABLE));
    }
    for allowed in ["", "yes", "TRUE", "1"] {
        let refusal = read(&[(ALLOW_LOOPBACK_VARIABLE, allowed)]).expect_err(allowed);
        assert!(refusal.starts_with(ALLOW_LOOPBACK_VARIABLE));
    }
    let allowed = UrlPolicy { ports: vec![443, 8443], loopback: false };
    assert_eq!(allowed.check("https://example.com:8443/").expect("an allowed port").port(), 8443);
    assert!(refusal(&allowed, "https://example.com:22/").contains("Allowed: 443, 8443."));
}

#[test]
fn the_log_has_the_host_alone() {
    let url = strict().check("https://hooks.example.com/secret?token=secret").expect("a URL");
    assert_eq!(format!("{url:?}"), "WebhookUrl(hooks.example.com…)");
}
