mod filters;
mod pagination;
mod sizes;
