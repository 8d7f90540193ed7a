mod queue;
mod streams;
