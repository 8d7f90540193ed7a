//! Promises about paths and methods: which exist, and how the others are refused.

use domain::catalogue;
use reqwest::Method;

use crate::{
    list,
    promise::{CheckResult, Promise, addition, choice, documented, expect},
    request::{Request, Who},
    server::Server,
};

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    vec![
        documented("an unknown path is a 404 not_found", unknown_path(server, Who::Caller)),
        choice("an unknown path is a 404 without a key too", unknown_path(server, Who::Nobody)),
        addition("another method is a 405 that lists in Allow those that are", other_methods(server)),
        addition("HEAD answers like GET, without a body", head(server)),
    ]
}

async fn unknown_path(server: &Server, who: Who) -> CheckResult {
    server.get_by(who, "/v1/no-such-path").await?.refused(404)
}

/// Asks without a key: the method is judged first, and nothing could come of it anywhere.
async fn other_methods(server: &Server) -> CheckResult {
    for route in catalogue::ALL.iter().flat_map(|resource| resource.routes) {
        let path = list::path_to_none(route.path);
        let others = [Method::DELETE, Method::PUT];
        for method in others.into_iter().filter(|other| !route.methods.contains(&other.as_str())) {
            let answer = server.send(Request::new(method, path.as_str()).by(Who::Nobody)).await?;
            answer.refused(405)?;
            let allow = answer.header("allow").unwrap_or("none");
            let listed: Vec<&str> = allow.split(',').map(str::trim).filter(|name| *name != "HEAD").collect();
            let same = listed.len() == route.methods.len()
                && route.methods.iter().all(|method| listed.contains(method));
            expect(same, format!("Allow: {} for {}", route.methods.join(", "), answer.asked), allow)?;
        }
    }
    Ok(())
}

async fn head(server: &Server) -> CheckResult {
    let answer = server.send(Request::new(Method::HEAD, "/v1/me")).await?;
    let came = format!("{} and {} bytes of body", answer.status, answer.text.len());
    expect(answer.status == 200 && answer.text.is_empty(), "200 and no body", came)
}
