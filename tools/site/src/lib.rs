//! The documentation site, rendered to memory: guides out of Markdown (`docs/site`), the reference out
//! of the OpenAPI document, in every language, with the style sheet and the scripts they use.

mod article;
mod assets;
mod check;
mod code;
mod edition;
mod generated;
mod guide;
mod heading;
mod highlight;
mod layout;
mod markdown;
mod navigation;
mod outline;
mod page;
mod picture;
mod problems;
mod reference;
mod search;
mod site;
mod strings;
mod table;

pub use page::Page;
pub use problems::Problems;
pub use site::{pages, sources};
