mod definitions;
mod left_out;
mod written;
