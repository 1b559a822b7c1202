---@meta
-- Annotations of the mall's Lua API, written from sandbox/api.toml. Change that, not this.

---All that a creation can do.
---@class mall
---@field features mall.Features parts of the API and their levels; read only
---@field settings mall.Settings what the holder of the parcel chose; read only
---@field parcel mall.Parcel the ground this stands on; read only
mall = {}

---Somebody inside the placement. The same person is the same value while inside.
---@class mall.Player
---@field id integer number of the account; it stays
---@field name string
---@field locale string language of the client, such as "en" or "pt-BR"
---@field guest boolean came without an own wallet
---@field age_band string
---@field store mall.Store values kept for this player
local Player = {}

---A thing of this placement.
---@class mall.Entity
---@field id string as given to `spawn`, or "#1", "#2", ...
---@field tags string[]
---@field alive boolean false after `remove`
local Entity = {}

---Values that outlive the run: numbers, texts, booleans and tables of them.
---@class mall.Store
mall.store = {}

---What `mall.match.define` gives.
---@class mall.MatchKind
local MatchKind = {}

---A round with players, scores and a clock. Own fields may be kept in it.
---@class mall.Match
---@field id integer
---@field phase Phase
---@field players mall.Player[]
---@field kind mall.MatchKind
---@field [string] any
local Match = {}

mall.board = {}
mall.bus = {}
mall.chat = {}
mall.match = {}
mall.players = {}
mall.rewards = {}
mall.ui = {}
mall.world = {}
---Declares a handler of an event. Raises `sandbox.load_closed`, `sandbox.capability_missing`.
---@overload fun(event: "start", fn: fun()): mall.Handler
---@overload fun(event: "stop", fn: fun(reason: string)): mall.Handler
---@overload fun(event: "tick", fn: fun(dt: number)): mall.Handler
---@overload fun(event: "enter", fn: fun(player: mall.Player)): mall.Handler
---@overload fun(event: "leave", fn: fun(player: mall.Player, reason: string)): mall.Handler
---@overload fun(event: "input", fn: fun(player: mall.Player, action: string)): mall.Handler
---@overload fun(event: "interact", fn: fun(player: mall.Player, entity: mall.Entity, verb: string)): mall.Handler
---@overload fun(event: "area", fn: fun(player: mall.Player, entity: mall.Entity, inside: boolean)): mall.Handler
---@overload fun(event: "emote", fn: fun(player: mall.Player, name: string)): mall.Handler
---@overload fun(event: "chat", fn: fun(player: mall.Player, text: string)): mall.Handler
---@overload fun(event: "ui", fn: fun(player: mall.Player, id: string, value: Scalar?)): mall.Handler
---@overload fun(event: "claim_changed", fn: fun(claim: mall.Claim)): mall.Handler
---@overload fun(event: "snapshot", fn: fun(): any): mall.Handler
---@overload fun(event: "restore", fn: fun(value: any, version: string)): mall.Handler
function mall.on(event, fn) end
---Ends a handler, whatever it listens to.
---@param handler mall.Handler
function mall.off(handler) end
---Whether this capability was granted here.
---@param capability Capability
---@return boolean
function mall.has(capability) end
---The text in the language of the package, with {1}, {2}, ... filled in.
---@param text string
---@param ... any
---@return string
function mall.t(text, ...) end
---The host's clock, UTC seconds.
---@return number
function mall.now() end
---A float from 0 to 1, or a whole number from 1 to n. Seeded and recorded.
---@param n? integer
---@return number
function mall.random(n) end
---A line for the creator's log; 50 in a batch, 1,024 bytes each. `print` does the same.
---@param ... any
function mall.log(...) end
---Calls once, later. Raises `sandbox.timer_limit`.
---@param seconds number
---@param fn fun()
---@param owner? Owner the timer ends with it
---@return mall.Timer
function mall.after(seconds, fn, owner) end
---Calls again and again; periods that were missed are skipped. Raises `sandbox.timer_limit`.
---@param seconds number at least 0.05
---@param fn fun()
---@param owner? Owner the timer ends with it
---@return mall.Timer
function mall.every(seconds, fn, owner) end
---Ends a timer.
---@param timer mall.Timer
function mall.cancel(timer) end
---Who is inside, in the order in which they came.
---@return mall.Player[]
function mall.players.all() end
---The player with this number, while inside.
---@param id integer
---@return mall.Player?
function mall.players.get(id) end
---How many are inside.
---@return integer
function mall.players.count() end
---Where the player stands.
---@return Position
function Player:at() end
---The text in the language of this player, with {1}, {2}, ... filled in.
---@param text string
---@param ... any
---@return string
function Player:t(text, ...) end
---Tells only this player, in the chat; 280 bytes at most. Needs `chat.say`.
---@param text string
function Player:say(text) end
---Moves the player within the placement. Needs `avatar.move`. Raises `world.out_of_bounds`.
---@param position Position
---@param yaw? number degrees, 0 looks north, 90 west; as before when left out
function Player:teleport(position, yaw) end
---Lets the avatar play an emote. Needs `avatar.emote`.
---@param name string
function Player:emote(name) end
---A passing effect at the player. Needs `avatar.effect`.
---@param options string|mall.Effect
function Player:effect(options) end
---Whether the player holds this ticket, as far as the host has told. No host sells tickets yet: false. Needs `ticket`.
---@param id string
---@return boolean
function Player:has_ticket(id) end
---Makes an entity. Needs `world.build`. Raises `world.entity_limit`, `world.out_of_bounds`.
---@param t mall.Spawn
---@return mall.Entity
function mall.world.spawn(t) end
---The entity with this id.
---@param id string
---@return mall.Entity?
function mall.world.get(id) end
---Entities with this tag, oldest first.
---@param tag string
---@return mall.Entity[]
function mall.world.find(tag) end
---Entities within `radius` metres.
---@param position Position
---@param radius number
---@return mall.Entity[]
function mall.world.near(position, radius) end
---A passing effect at a place: `at` is needed. Needs `world.build`.
---@param options mall.Effect
function mall.world.effect(options) end
---What a line from inside the placement meets first: own entities with a `collider`, and the ground inside the footprint. A model counts as the box around it; a box in which the line begins is passed. Raises `world.out_of_bounds`.
---@param from Position
---@param direction number[] {x, y, z} of any length
---@param max? number metres, 1000 when left out
---@return mall.Hit?
function mall.world.ray(from, direction, max) end
---The sky that everybody inside sees, until it is set anew; nothing at all gives back the city's. Needs `world.build`.
---@param sky? mall.Sky
function mall.world.sky(sky) end
---Changes components; what is left out stays. Raises `world.removed`, `world.out_of_bounds`.
---@param components mall.Components
function Entity:set(components) end
---A copy of one component. Raises `world.removed`.
---@param name string
---@return any
function Entity:get(name) end
---Takes the entity away. Raises `world.removed`.
function Entity:remove() end
---Declares a handler of this entity; at any time. Raises `world.removed`.
---@overload fun(self: mall.Entity, event: "interact", fn: fun(player: mall.Player, verb: string)): mall.Handler
---@overload fun(self: mall.Entity, event: "area", fn: fun(player: mall.Player, inside: boolean)): mall.Handler
function Entity:on(event, fn) end
---Ends a handler of this entity. Raises `world.removed`.
---@param handler mall.Handler
function Entity:off(handler) end
---Shows a panel to one player; the id of its outermost node names it ("main" without one) and replaces one of that name. Needs `ui`. Raises `ui.limit`.
---@param player mall.Player
---@param tree mall.Node
function mall.ui.show(player, tree) end
---Changes one node for one player. Needs `ui`.
---@param player mall.Player
---@param id string
---@param change mall.NodeChange
function mall.ui.update(player, id, change) end
---Changes one node for several players. Needs `ui`.
---@param group Group
---@param id string
---@param change mall.NodeChange
function mall.ui.update_all(group, id, change) end
---Closes a panel. Needs `ui`.
---@param player mall.Player
---@param id? string "main" when left out
function mall.ui.close(player, id) end
---A short message that fades by itself. Needs `ui`.
---@param group Group
---@param text string
---@param tone? Tone
function mall.ui.toast(group, text, tone) end
---What these players may do, as buttons with keys, until it is set anew; an empty list takes them away. A creation that shows actions gets no other `input`. Needs `ui`.
---@param group Group
---@param actions mall.Action[] 6 at most
function mall.ui.actions(group, actions) end
---Declares a command such as "/bid 5". Whoever is inside and types it is not heard: `fn` gets the rest of the line. 16 at most. Needs `chat.listen`. Raises `sandbox.load_closed`.
---@param name string "bid": a-z, 0-9 and _
---@param fn fun(player: mall.Player, text: string)
function mall.chat.command(name, fn) end
---A copy of the value, or nil. Needs `store`.
---@param key string
---@return any
function mall.store.get(key) end
---Keeps a value. Needs `store`. Raises `store.quota`.
---@param key string
---@param value any
function mall.store.set(key, value) end
---Keeps what `fn` makes of the value, and answers it. Needs `store`. Raises `store.quota`.
---@param key string
---@param fn fun(value: any): any
---@return any
function mall.store.update(key, fn) end
---Forgets a value. Needs `store`.
---@param key string
function mall.store.delete(key) end
---Offers a score; the best of each player counts. Needs `board`.
---@param name string
---@param player mall.Player
---@param score integer
function mall.board.submit(name, player, score) end
---The best rows, 10 when `n` is left out. Needs `board`.
---@param name string
---@param n? integer
---@param period? Period
---@return mall.BoardRow[]
function mall.board.top(name, n, period) end
---The player's row with two before and two after it. Needs `board`.
---@param name string
---@param player mall.Player
---@param period? Period
---@return mall.BoardRow[]
function mall.board.around(name, player, period) end
---Empties a board. Needs `board`.
---@param name string
function mall.board.reset(name) end
---Declares a kind of match; the client draws its scoreboard. Needs `match`. Raises `sandbox.load_closed`.
---@param t mall.MatchOptions
---@return mall.MatchKind
function mall.match.define(t) end
---Declares a handler for the matches of this kind. Raises `sandbox.load_closed`.
---@overload fun(self: mall.MatchKind, event: "start", fn: fun(match: mall.Match)): mall.Handler
---@overload fun(self: mall.MatchKind, event: "join", fn: fun(match: mall.Match, player: mall.Player)): mall.Handler
---@overload fun(self: mall.MatchKind, event: "leave", fn: fun(match: mall.Match, player: mall.Player)): mall.Handler
---@overload fun(self: mall.MatchKind, event: "input", fn: fun(match: mall.Match, player: mall.Player, action: string)): mall.Handler
---@overload fun(self: mall.MatchKind, event: "tick", fn: fun(match: mall.Match, dt: number)): mall.Handler
---@overload fun(self: mall.MatchKind, event: "finish", fn: fun(match: mall.Match, ranking: mall.Ranked[])): mall.Handler
function MatchKind:on(event, fn) end
---Ends a handler of this kind.
---@param handler mall.Handler
function MatchKind:off(handler) end
---Opens a match without players. Raises `sandbox.match_limit`.
---@return mall.Match
function MatchKind:open() end
---Puts a player into the open match, opening one when there is none. Raises `sandbox.match_limit`.
---@param player mall.Player
---@return mall.Match
function MatchKind:join(player) end
---With `points` adds them while the match runs; answers the score.
---@param player mall.Player
---@param points? integer
---@return integer
function Match:score(player, points) end
---Seconds until the lobby ends or the round ends.
---@return number
function Match:left() end
---Players with their scores and places, best first.
---@return mall.Ranked[]
function Match:ranking() end
---Ends the round, with an own ranking or by the scores.
---@param ranking? mall.Scored[] best first
function Match:finish(ranking) end
---Takes a player out; the match ends with the last one.
---@param player mall.Player
function Match:leave(player) end
---Files a claim and answers its number. The host checks the pool's caps and the player's presence, then books and settles. Needs `reward.claim`.
---@param t mall.ClaimOptions
---@return integer
function mall.rewards.claim(t) end
---How far a claim got; nil when it is not known (any more).
---@param id integer
---@return ClaimState?
function mall.rewards.status(id) end
---LIVE that the player may still win from the pool today; nil while the host has not told.
---@param pool string
---@param player mall.Player
---@return number?
function mall.rewards.left(pool, player) end
---Sends plain data to the other placements of the parcel, or of the Mall that it lies in. Only those that run hear it. Needs `bus`.
---@param topic string "author/package:name", of this package
---@param data any
function mall.bus.send(topic, data) end
---Listens to a topic of another package. Needs `bus`. Raises `sandbox.load_closed`.
---@param topic string
---@param fn fun(data: any)
---@return mall.Handler
function mall.bus.on(topic, fn) end
