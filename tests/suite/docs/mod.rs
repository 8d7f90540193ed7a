mod cached;
mod samples;
mod served;
