//! The outbound guard: connectors call public addresses only, unless the operator allows more. Names are checked when
//! they are resolved, so that a name cannot first look public and then lead inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public ones.
    #[default]
    Public,
    /// All, those of this machine and of private networks too.
    Everywhere,
}

/// The address is one of this machine or of a private network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{host}` is an address of this machine or of a private network, which connectors may not call"
)]
pub struct NotPublic {
    host: String,
}

/// Checks the address of a request, where it is written as a number; names are checked by the resolver.
pub(super) fn check(url: &Url, reach: Reach) -> Result<(), NotPublic> {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        _ => return Ok(()),
    };
    if reach == Reach::Everywhere || is_public(ip) {
        return Ok(());
    }
    Err(NotPublic {
        host: ip.to_string(),
    })
}

/// Resolves names to the addresses that may be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver(pub(super) Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let all = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let allowed = allowed(&host, all, reach)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name that may be called, of those it has at this moment. These very ones are connected to, so that
/// what the name means a moment later does not matter.
fn allowed(
    host: &str,
    all: impl Iterator<Item = SocketAddr>,
    reach: Reach,
) -> Result<Vec<SocketAddr>, NotPublic> {
    let allowed: Vec<SocketAddr> = all
        .filter(|addr| reach == Reach::Everywhere || is_public(addr.ip()))
        .collect();
    if allowed.is_empty() {
        let host = host.to_owned();
        return Err(NotPublic { host });
    }
    Ok(allowed)
}

/// Whether an address is on the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            // An IPv4 address in the clothes of IPv6 is judged as what it is.
            let inside = ip.to_ipv4_mapped().or_else(|| nat64(ip));
            inside.map_or_else(|| is_public_v6(ip), is_public_v4)
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        // Shared by carriers, benchmarking, protocol assignments, reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || a >= 240;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // 2000::/3 is what is given out for the public internet; documentation and tunnels inside it are not.
    let [first, second, ..] = ip.segments();
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && (second == 0x0db8 || second == 0))
        && first != 0x2002
}

/// The IPv4 address inside 64:ff9b::/96.
fn nat64(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = ip.segments() else {
        return None;
    };
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass() {
        for public in [
            "1.1.1.1",
            "203.0.114.1",
            "2606:4700::1111",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inside in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn a_name_that_turns_inward_is_refused_from_then_on() {
        let now = |all: &[&str]| {
            let all = all.iter().map(|it| SocketAddr::new(it.parse().unwrap(), 0));
            let allowed = allowed("rebind.example", all, Reach::Public)?;
            Ok(allowed.iter().map(|it| it.ip().to_string()).collect())
        };
        let refused: Result<Vec<String>, _> = Err(NotPublic {
            host: "rebind.example".to_owned(),
        });
        // It answers with a public address first, then with one among others, then with those of this machine only.
        assert_eq!(now(&["203.0.114.1"]), Ok(vec!["203.0.114.1".to_owned()]));
        let mixed = now(&["127.0.0.1", "203.0.114.1", "::ffff:10.0.0.1"]);
        assert_eq!(mixed, Ok(vec!["203.0.114.1".to_owned()]));
        assert_eq!(now(&["127.0.0.1", "::1"]), refused);
        assert_eq!(now(&[]), refused);
    }

    #[test]
    fn numbers_in_any_writing_are_checked() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
        ] {
            let url = Url::parse(url).unwrap();
            assert!(check(&url, Reach::Public).is_err(), "{url}");
            assert!(check(&url, Reach::Everywhere).is_ok());
        }
        assert!(check(&Url::parse("https://1.1.1.1/").unwrap(), Reach::Public).is_ok());
    }
}
