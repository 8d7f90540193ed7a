// Mistakes that a type checker finds by the document, read by tsc and never run: a line that is expected to be one and
// is none is an error as well.
import type { Client } from "openapi-fetch";
import type { components, paths } from "./inboundflow.js";

type Call = components["schemas"]["Call"];
type NewContact = components["schemas"]["NewContact"];
type Event = components["schemas"]["Event"];

// @ts-expect-error No call has such a field.
export const unknownField = (call: Call) => call.caller_number;

// @ts-expect-error The number may have been withheld.
export const withheld = (call: Call): string => call.caller_phone;

// @ts-expect-error A contact has a number.
export const withoutNumber = (client: Client<paths>) => client.POST("/v1/contacts", { body: { name: "Ada Example" } });

// @ts-expect-error A contact has no such field.
export const unknownBodyField: NewContact = { phone: "+12125550188", telephone: "+12125550188" };

export const unknownStatus = (client: Client<paths>) =>
  // @ts-expect-error No call has such a status.
  client.GET("/v1/calls", { params: { query: { status: "ringing" } } });

// @ts-expect-error There is no such path.
export const unknownPath = (client: Client<paths>) => client.GET("/v1/call");

// @ts-expect-error Calls are not made by clients.
export const unknownMethod = (client: Client<paths>) => client.POST("/v1/calls");

export const otherEvent = (event: Event) =>
  // @ts-expect-error Only a call that was transferred tells how that went.
  event.event === "call.completed" ? event.data.transfer_status : event.data;

export const rightEvent = (event: Event) => (event.event === "call.transferred" ? event.data.transfer_status : null);
