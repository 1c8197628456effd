// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {RouteReceiver} from "../../src/bridge/RouteReceiver.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {
    Fill,
    Intent,
    Landing,
    Order,
    OrderState,
    PaymentState,
    Quote,
    Route,
    SignedQuote
} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {MockBridge} from "../base/MockBridge.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {MoodyToken, StrikingToken} from "../base/MockTokens.sol";
import {QuietMoodyToken} from "../base/MoodyCollateral.sol";
import {Ghosts} from "./Ghosts.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title All roles: borrowers, solvers, keepers, strangers, relayers, lenders and the administrator, honest or not.
/// @notice Two chains, each home of a market payable from the other. Every action takes one random word.
contract Handler is Ghosts {
    /// @dev A certified landing that an account keeps back, and the order it would open.
    struct Kept {
        uint8 at;
        uint256 place;
        bytes landing;
        bytes order;
    }

    /// @dev What a landing can move, as it was.
    struct Before {
        uint256 allowed; // debt units
        uint256 seizable;
        uint256 collateral; // of the escrow
        uint256 lender; // dollars of the protocol
        uint256[3] dollars; // of the solvers
        uint256[3] free; // of their bonds
    }

    Kept[] internal kept;
    /// @dev A key that each solver has removed.
    uint256 internal oldKey;
    mapping(uint8 at => mapping(bytes32 key => uint256)) internal flagged;

    modifier live() {
        vm.warp(clock);
        vm.roll(START_BLOCK + (clock - START) / 2);
        _;
    }

    function setUp() public override {
        super.setUp();
        address old;
        (old, oldKey) = makeAddrAndKey("a removed key");
        vm.deal(keeper, 1_000_000 ether);
        _makeTrouble();
        for (uint8 at; at < CHAINS; ++at) {
            Deployment storage c = _chain(at);
            ghosts[at].deposits = _dollars(c, 1_000_000);
            c.dollar.mint(stranger, _dollars(c, 10_000_000));
            vm.startPrank(stranger);
            c.dollar.approve(address(c.collateral), type(uint256).max);
            c.dollar.approve(address(c.repayment), type(uint256).max);
            vm.stopPrank();
            for (uint256 i; i < 3; ++i) {
                bonded[at][_solverAt(i).account] = _dollars(c, 50_000);
                vm.startPrank(_solverAt(i).account);
                c.bonds.addKey(old);
                c.bonds.removeKey(old);
                vm.stopPrank();
            }
            for (uint256 place; place < PLACES; ++place) {
                _move(at, place, 1000 * (place + 1), 11_000);
            }
        }
        clock = block.timestamp + 1;
    }

    /// @dev Collateral that can refuse a recipient in every way, on the second chain one whose transfers return
    /// nothing; debt tokens that can stop altogether; and a bridge between the pay chain and the home chain of the
    /// first market.
    function _makeTrouble() private {
        vm.etch(address(home.ether_), address(new MoodyToken(18)).code);
        vm.etch(address(pay.ether_), address(new QuietMoodyToken()).code);
        for (uint8 at; at < CHAINS; ++at) {
            vm.etch(address(_chain(at).dollar), address(new StrikingToken(_chain(at).decimals)).code);
        }
        bridge = new MockBridge();
        receiver = new RouteReceiver(home.vault, PAY_DOMAIN);
        Route memory route = _route(pay);
        (route.treasury, route.bridge) = (address(receiver), address(bridge));
        home.registry.setRoute(MARKET, address(home.dollar), PAY_DOMAIN, route);
    }

    // ---- the market ----

    /// @notice Time passes: a little, to the next date of some order, or a lot.
    function wait(uint256 seed) external live {
        uint256 to = clock + 1 + seed / 8 % 30;
        if (seed % 8 > 5 && orderList.length != 0) {
            Order memory order = abi.decode(orderList[_recent(seed >> 8, orderList.length, 4)].encoding, (Order));
            uint256 which = seed / 8 % 4;
            uint256 date = which == 0
                ? order.openBy
                : which == 1 ? order.exclusiveUntil : which == 2 ? order.fillDeadline : order.expiresAt;
            if (date >= clock) to = date + seed / 64 % 2;
        } else if (seed % 64 == 4) {
            to = clock + 1 days + seed / 64 % 7 days;
        }
        clock = to;
        ++counts["wait"];
    }

    /// @notice A price moves: a position becomes healthy, or unhealthy by some amounts.
    function move(uint256 seed) external live {
        uint256 dollars = seed >> 16 & 7 == 0 ? 0 : 20 + (seed >> 24) % 20_000;
        _move(uint8(seed & 1), (seed >> 8) % PLACES, dollars, 10_200 + (seed >> 64) % 1000);
        if (dollars == 0 && seed >> 80 & 3 == 0) _moveStuck(uint8(seed & 1), (seed >> 8) % PLACES);
        ++counts["move"];
    }

    function _move(uint8 at, uint256 place, uint256 dollars, uint256 bps) internal {
        Deployment storage c = _chain(at);
        // 2,000 dollars an ether.
        c.adapter
            .setPosition(
                _position(place),
                MockLendingAdapter.Position(
                    address(c.ether_),
                    address(c.dollar),
                    _dollars(c, dollars),
                    dollars * 1 ether * bps / 2000 / 10_000,
                    dollars == 0 ? 1.1e18 : 0.97e18
                )
            );
    }

    /// @dev Unhealthy, while the protocol can hand out nothing.
    function _moveStuck(uint8 at, uint256 place) internal {
        Deployment storage c = _chain(at);
        MockLendingAdapter.Position memory stuck =
            MockLendingAdapter.Position(address(c.ether_), address(c.dollar), 0, 0, 0.97e18);
        c.adapter.setPosition(_position(place), stuck);
    }

    // ---- landings ----

    /// @notice Auctioneers, honest or not, certify an award; an account lands it, or keeps it for later.
    function land(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        uint256 place = (seed >> 1) % PLACES;
        // Mostly an unhealthy position: an earlier landing left it healthy.
        if (seed >> 200 & 3 != 0) _move(at, place, 20 + (seed >> 204) % 20_000, 10_200 + (seed >> 224) % 1000);
        Landing memory landing = _award(at, place, seed >> 8);
        uint256 opened = orderList.length;
        if (seed >> 4 & 7 == 0) _keep(at, place, landing);
        else _tryLand(at, place, landing);
        if (orderList.length != opened && seed >> 202 & 1 == 0) _fillAtOnce(seed >> 203 & 1 == 0);
    }

    /// @dev A winner that pays in the block it won, or a while later; random actions would seldom meet the window.
    function _fillAtOnce(bool wait_) internal {
        Order memory order = abi.decode(orderList[orderList.length - 1].encoding, (Order));
        if (wait_) {
            clock += 20;
            vm.warp(clock);
        }
        _tryFill(order, order.solver, order.payout);
    }

    /// @notice Lands a kept award: late, after another, or again.
    function landKept(uint256 seed) external live {
        if (kept.length == 0) return;
        Kept storage it = kept[_recent(seed, kept.length, 4)];
        _tryLand(it.at, it.place, abi.decode(it.landing, (Landing)));
    }

    /// @notice An account lands several awards at once, of which some may be void.
    function landMany(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        uint256 count = 2 + (seed >> 1) % 2;
        Landing[] memory landings = new Landing[](count);
        Before[] memory before = new Before[](count);
        for (uint256 i; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            uint256 place = ((seed >> 8) + i) % PLACES;
            if (word >> 200 & 7 != 0) _move(at, place, 20 + (word >> 204) % 20_000, 10_200 + (word >> 224) % 1000);
            landings[i] = _award(at, place, word);
            before[i] = _before(at, place);
            if (word >> 203 & 7 == 0) landings[i].signatures[7] = ~landings[i].signatures[7]; // spoiled by the lander
        }
        vm.recordLogs();
        vm.prank(keeper);
        try _chain(at).collateral.landMany(landings) returns (uint8[] memory landed, bytes32[] memory) {
            _recordMany(at, landings, landed, before, vm.getRecordedLogs());
            ++counts["land many"];
        } catch {
            // By design only for want of gas, which a payout that burns all of its trial's cannot be told from.
            _expect(_burnsGas(at), "2: a batch that failed as a whole");
        }
    }

    function _burnsGas(uint8 at) private view returns (bool burns) {
        for (uint256 i; i < 3; ++i) {
            burns = burns || MoodyToken(address(_chain(at).ether_)).moods(_claimant(i)) == MoodyToken.Mood.BurningGas;
        }
    }

    function _recordMany(
        uint8 at,
        Landing[] memory landings,
        uint8[] memory landed,
        Before[] memory before,
        Vm.Log[] memory logs
    ) private {
        _tellApart(at, landings, before);
        uint256 skipped;
        for (uint256 i; i < landings.length; ++i) {
            if (_wasSkipped(logs, i)) {
                _expect(landed[i] == 0, "2: a skipped item that landed");
                ++skipped;
                ++counts["batch item skipped"];
            } else {
                _recordLanding(
                    at, landings[i], landed[i], before[i], _logsOf(logs, _digest(_chain(at), landings[i].intent))
                );
            }
        }
        if (skipped != 0 && skipped != landings.length) ++counts["batch with skipped and tried"];
    }

    /// @dev Each position is another one, so what the lender got for it is what it is owed less; the sum must be what
    /// it got.
    function _tellApart(uint8 at, Landing[] memory landings, Before[] memory before) private {
        uint256 lender = _dollarsAt(at, _chain(at).adapter.LENDER());
        uint256 got = lender - before[0].lender;
        for (uint256 i; i < landings.length; ++i) {
            (,, uint256 left,,) = _chain(at).adapter.assess(landings[i].intent.position);
            uint256 taken = before[i].allowed - left;
            _expect(taken <= got, "8: a batch forgave debt");
            got -= taken;
            before[i].lender = lender - taken;
            _asLowAsItGot(at, before[i]);
        }
        _expect(got == 0, "8: a batch overpaid");
    }

    /// @dev What solvers had at the least within the batch, for what a fade or a payment is compared with.
    function _asLowAsItGot(uint8 at, Before memory before) private view {
        for (uint256 i; i < 3; ++i) {
            address account = _solverAt(i).account;
            before.dollars[i] = Math.min(before.dollars[i], _dollarsAt(at, account));
        }
    }

    function _wasSkipped(Vm.Log[] memory logs, uint256 item) private pure returns (bool) {
        for (uint256 i; i < logs.length; ++i) {
            bool skips = logs[i].topics[0] == ICollateralEscrow.LandingSkipped.selector;
            if (skips && uint256(logs[i].topics[1]) == item) return true;
        }
        return false;
    }

    /// @dev Those that concern one intent.
    function _logsOf(Vm.Log[] memory logs, bytes32 intent) private pure returns (Vm.Log[] memory own) {
        own = new Vm.Log[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            bytes32[] memory topics = logs[i].topics;
            if (topics.length > 2 && (topics[1] == intent || topics[2] == intent)) own[count++] = logs[i];
        }
        assembly ("memory-safe") {
            mstore(own, count)
        }
    }

    function _award(uint8 at, uint256 place, uint256 seed) internal returns (Landing memory landing) {
        Deployment storage c = _chain(at);
        Intent memory intent = _intent(c, _position(place));
        if (seed & 7 == 0) intent.repay = uint128(intent.repay * 2 + _dollars(c, 100)); // dishonest, or on a healthy one
        if (seed & 7 == 1) intent.seizable = uint128(intent.seizable * 3 / 2);
        landing.intent = intent;
        landing.attempt = 1;
        uint256 count = seed >> 3 & 3 == 0 ? 3 : 1;
        landing.quotes = new SignedQuote[](count);
        for (uint256 i; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            Solver memory solver = _solverAt((seed + i) % 3);
            uint32 domain = word & 3 == 0 ? c.domain : _chain(1 - at).domain;
            uint256 ask = uint256(intent.seizable) * (8000 + word / 4 % 2100) / 10_000;
            // The lander may replace a signature by one that no auctioneer took.
            uint256 key = word >> 32 & 15 == 0 ? oldKey : solver.key;
            landing.quotes[i] = _signed(c, _quote(c, intent, solver, ask, domain), key);
        }
        _certify(c, landing, 2);
    }

    /// @dev Looks ahead at the order that a landing would open, so that it can be paid before, or without, its landing.
    function _keep(uint8 at, uint256 place, Landing memory landing) internal {
        Deployment storage c = _chain(at);
        uint256 snapshot = cheats.snapshotState();
        vm.recordLogs();
        vm.prank(keeper);
        bytes32 id;
        try c.collateral.land(landing) returns (uint8, bytes32 opened) {
            id = opened;
        } catch {}
        Vm.Log[] memory logs = vm.getRecordedLogs();
        cheats.revertToState(snapshot);
        bytes memory order;
        if (id != 0) order = abi.encode(_openedOrder(logs, id));
        kept.push(Kept(at, place, abi.encode(landing), order));
        ++counts["keep"];
    }

    function _tryLand(uint8 at, uint256 place, Landing memory landing) internal {
        Before memory before = _before(at, place);
        vm.recordLogs();
        vm.prank(keeper);
        try _chain(at).collateral.land(landing) returns (uint8 landed, bytes32) {
            _recordLanding(at, landing, landed, before, vm.getRecordedLogs());
        } catch {
            ++counts["land refused"];
        }
    }

    function _before(uint8 at, uint256 place) internal returns (Before memory before) {
        Deployment storage c = _chain(at);
        (,, before.allowed, before.seizable,) = c.adapter.assess(_position(place));
        before.collateral = _etherAt(at, address(c.collateral));
        before.lender = _dollarsAt(at, c.adapter.LENDER());
        for (uint256 i; i < 3; ++i) {
            address account = _solverAt(i).account;
            before.dollars[i] = Math.min(_dollarsAt(at, account), c.dollar.allowance(account, address(c.collateral)));
            before.free[i] = bonded[at][account] - lockedBond[at][account];
        }
    }

    function _recordLanding(uint8 at, Landing memory landing, uint8 landed, Before memory before, Vm.Log[] memory logs)
        internal
    {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == ICollateralEscrow.Faded.selector) _recordFade(at, landing, before, logs[i]);
        }
        for (uint256 i; i < landing.quotes.length && (landed == 0 || i < landed); ++i) {
            Quote memory tried = landing.quotes[i].quote;
            bytes memory byOldKey = _sign(oldKey, _digest(_chain(at), tried));
            bool counts = keccak256(landing.quotes[i].signature) != keccak256(byOldKey);
            // Cancelled, a quote is passed over regardless of its signer.
            bool live_ = _chain(at).bonds.isLive(tried.solver, tried.epoch, landing.intent.quoteBy);
            _expect(counts || !live_, "2: landed by another signature");
        }
        if (landed == 0) {
            ++counts["land passed over"];
            return;
        }
        Quote memory quote = landing.quotes[landed - 1].quote;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == OPENED) _recordRemote(at, landing, quote, logs[i]);
            if (logs[i].topics[0] == ICollateralEscrow.Liquidated.selector) {
                _recordLocal(at, landing, quote, before, logs[i]);
            }
        }
        bytes32 key = _positionKey(landing.intent.position);
        _expect(!roundUsed[at][key][landing.intent.round], "2: a round landed twice");
        roundUsed[at][key][landing.intent.round] = true;
        _recordSeizure(at, landing.intent.position, before);
    }

    /// @dev What any liquidation may do to a position.
    function _recordSeizure(uint8 at, bytes memory position, Before memory before) internal {
        Deployment storage c = _chain(at);
        _expect(before.allowed != 0, "6: a healthy position liquidated");
        (,, uint256 left, uint256 seizable,) = c.adapter.assess(position);
        uint256 repaid = _dollarsAt(at, c.adapter.LENDER()) - before.lender;
        _expect(before.allowed - left == repaid, "8: debt forgiven or overpaid");
        _expect(
            (before.seizable - seizable) * before.allowed <= before.seizable * repaid,
            "8: more seized for the debt repaid than the protocol's bonus"
        );
    }

    function _recordRemote(uint8 at, Landing memory landing, Quote memory quote, Vm.Log memory log) internal {
        (uint256 seized, Order memory order) = abi.decode(log.data, (uint256, Order));
        _recordOpened(at, log.topics[1], seized, order);
        _expect(log.topics[1] == Encodings.id(order), "2: an id that is not its order's");
        Deployment storage c = _chain(at);
        Deployment storage other = _chain(1 - at);
        uint256 due = _debtOf(order) + Math.ceilDiv(uint256(order.repaid) * 5, 10_000);
        uint256 payAmount = c.decimals <= other.decimals ? due * 1e12 : Math.ceilDiv(due, 1e12);
        _expect(order.payAmount <= payAmount, "5: more to pay than the route's amount");
        _expect(order.repaid <= landing.intent.repay, "5: more repaid than quoted for");
        _expect(
            uint256(order.ask) * landing.intent.repay >= uint256(quote.ask) * order.repaid, "5: less than the price"
        );
        _expect(order.ask <= order.maxAsk && order.maxAsk <= seized, "5: asks above what was seized");
        _expect(order.payout == quote.payout && order.solver == quote.solver, "5: another winner");
        ++counts["open"];
    }

    function _recordLocal(uint8 at, Landing memory landing, Quote memory quote, Before memory before, Vm.Log memory log)
        internal
    {
        (, uint256 repaid, uint256 seized, uint256 ask) = _liquidated(log);
        Deployment storage c = _chain(at);
        _expect(ask * landing.intent.repay >= quote.ask * repaid, "5: less than the price");
        _expect(ask <= seized, "5: an ask above what was seized");
        _recordSurplus(at, log.topics[3], seized - ask);
        _recordPush(at, quote.payout, ask);
        for (uint256 i; i < 3; ++i) {
            if (_solverAt(i).account != quote.solver) continue;
            uint256 spent = before.dollars[i] - Math.min(before.dollars[i], _dollarsAt(at, quote.solver));
            _expect(spent <= repaid + _dollars(c, 2) && repaid <= landing.intent.repay, "5: paid above the award");
        }
        ++counts["liquidate"];
    }

    function _liquidated(Vm.Log memory log) internal pure returns (address, uint256, uint256, uint256) {
        return abi.decode(log.data, (address, uint256, uint256, uint256));
    }

    function _recordFade(uint8 at, Landing memory landing, Before memory before, Vm.Log memory log) internal {
        address solver = address(uint160(uint256(log.topics[2])));
        uint256 taken = abi.decode(log.data, (uint256));
        bonded[at][solver] -= taken;
        ghosts[at].reserve += _net(at, taken);
        uint256 repay = landing.intent.repay;
        _expect(taken <= Math.ceilDiv(repay, 100), "7: a fade above its penalty");
        for (uint256 i; i < 3; ++i) {
            if (_solverAt(i).account != solver) continue;
            // What a local quote pays; the most bond a remote one can need is the bounty and the whole lot's worth.
            uint256 free = Math.min(before.free[i], bonded[at][solver] + taken - lockedBond[at][solver]);
            bool short = before.dollars[i] < repay + _dollars(_chain(at), 2) || free < repay * 12 / 10;
            _expect(short, "7: a fade of an account that had its money");
        }
        ++counts["fade"];
    }

    // ---- payments ----

    /// @notice An account pays an order: the winner, a stranger for the winner, a stranger for itself, early, late,
    /// again; or an order that is not open yet, or that was never opened.
    function fill(uint256 seed) external live {
        bytes memory data = _payable(seed >> 8);
        if (data.length == 0) return;
        Order memory order = abi.decode(data, (Order));
        uint256 who = seed & 3;
        address payer = who == 0 ? order.solver : stranger;
        address beneficiary = who < 2 ? order.payout : stranger;
        _tryFill(order, payer, beneficiary);
    }

    function _payable(uint256 seed) internal view returns (bytes memory data) {
        if (seed & 7 == 0 && kept.length != 0) return kept[_recent(seed >> 8, kept.length, 4)].order;
        if (orderList.length == 0) return "";
        data = orderList[_recent(seed >> 8, orderList.length, 6)].encoding;
        if (seed & 15 == 1) {
            Order memory order = abi.decode(data, (Order));
            order.quote = keccak256(abi.encode(seed));
            data = abi.encode(order);
        }
    }

    function _tryFill(Order memory order, address payer, address beneficiary) internal {
        uint8 at = order.payDomain == HOME_DOMAIN ? 0 : 1;
        bytes32 id = Encodings.id(order);
        uint256 before = _dollarsAt(at, payer);
        vm.recordLogs();
        vm.prank(payer);
        try _chain(at).repayment.fill(id, Encodings.bill(order), abi.encode(beneficiary, uint128(0))) {
            _expect(paymentPlace[id] == 0, "3: an order paid twice");
            _expect(before - _dollarsAt(at, payer) == order.payAmount, "5: paid another amount");
            bool exclusive = block.timestamp <= order.exclusiveUntil;
            _expect(!exclusive || beneficiary == order.payout, "5: overtaken in the exclusive phase");
            _expect(block.timestamp <= order.fillDeadline, "5: paid after the deadline");
            _recordFill(at, id, _filledLog(order));
            ++counts[exclusive ? "fill" : "fill public"];
        } catch {
            ++counts["fill refused"];
        }
    }

    function _filledLog(Order memory order) internal returns (Fill memory) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == RepaymentEscrow.Filled.selector) return _facts(order, logs[i]);
        }
        revert("not filled");
    }

    function _recordFill(uint8 at, bytes32 id, Fill memory facts) internal {
        Order memory order = facts.order;
        uint256 ask = order.ask;
        if (block.timestamp > order.exclusiveUntil) {
            ask += uint256(order.maxAsk - order.ask) * (block.timestamp - order.exclusiveUntil)
            / (order.fillDeadline - order.exclusiveUntil);
        }
        _expect(facts.ask == ask, "5: another ask than the rising one");
        GhostPayment storage it = paymentList.push();
        paymentPlace[id] = paymentList.length;
        (it.id, it.at, it.state, it.facts) = (id, at, PaymentState.Filled, abi.encode(facts));
        paidIn[at] += order.payAmount;
    }

    // ---- messages ----

    /// @notice Reports one payment, many, or one of them twice.
    function report(uint256 seed) external live {
        if (paymentList.length == 0) return;
        uint256 first = _recent(seed >> 8, paymentList.length, 8);
        uint256 count = 1 + seed % 3;
        Fill[] memory fills = new Fill[](count);
        uint256 found;
        uint8 at = paymentList[first].at;
        for (uint256 i; i < paymentList.length && found < count; ++i) {
            GhostPayment storage it = paymentList[(first + i) % paymentList.length];
            if (it.at == at) fills[found++] = abi.decode(it.facts, (Fill));
        }
        for (; found < count; ++found) {
            fills[found] = fills[0];
        }
        _sendReport(at, fills);
    }

    function _sendReport(uint8 at, Fill[] memory fills) internal {
        Deployment storage to = _chain(1 - at);
        bytes memory payments = Encodings.payments(fills);
        vm.recordLogs();
        vm.prank(keeper);
        try _chain(at).repayment.report{value: MESSAGE_FEE}(to.domain, address(to.collateral), payments) {
            GhostMessage storage it = messageList.push();
            (it.raw, it.isReport, it.to) = (_dispatched()[0], true, 1 - at);
            for (uint256 i; i < fills.length; ++i) {
                it.ids.push(Encodings.id(fills[i].order));
                it.facts.push(abi.encode(fills[i]));
            }
            ++counts["report"];
        } catch {
            ++counts["report refused"];
        }
    }

    /// @notice Asks for verdicts on one or two ids, whether there are any or not.
    function sendVerdicts(uint256 seed) external live {
        if (paymentList.length == 0) return;
        GhostPayment storage first = paymentList[_recent(seed >> 8, paymentList.length, 8)];
        GhostPayment storage second = paymentList[_recent(seed >> 40, paymentList.length, 8)];
        bytes32[] memory ids = new bytes32[](seed & 1 == 0 || second.at != first.at ? 1 : 2);
        ids[0] = first.id;
        if (ids.length == 2) ids[1] = second.id;
        _sendVerdicts(1 - first.at, ids);
    }

    function _sendVerdicts(uint8 at, bytes32[] memory ids) internal {
        Deployment storage other = _chain(1 - at);
        vm.recordLogs();
        vm.prank(keeper);
        try _chain(at).collateral.sendVerdicts{value: MESSAGE_FEE}(other.domain, address(other.repayment), ids) {
            GhostMessage storage it = messageList.push();
            (it.raw, it.to, it.ids) = (_dispatched()[0], 1 - at, ids);
            for (uint256 i; i < ids.length; ++i) {
                OrderState state = _ghostState(at, ids[i]);
                bool final_ = state == OrderState.Settled || state == OrderState.Sold || state == OrderState.Refused;
                _expect(final_, "2: a verdict before the end");
                it.accepted.push(state == OrderState.Settled);
            }
            ++counts["verdicts"];
        } catch {
            ++counts["verdicts refused"];
        }
    }

    function _ghostState(uint8 at, bytes32 id) internal view returns (OrderState) {
        if (refused[at][id]) return OrderState.Refused;
        uint256 place = orderPlace[id];
        return place == 0 ? OrderState.None : orderList[place - 1].state;
    }

    /// @notice A relayer delivers any message, in any order, or one it has delivered before; some it never does.
    function deliver(uint256 seed) external live {
        if (messageList.length == 0) return;
        uint256 place = _recent(seed, messageList.length, 8);
        // Now and then with so little gas that it reverts whole, or just not.
        if (seed >> 40 & 7 == 0) _deliverGhost(place, 60_000 + (seed >> 48) % 300_000);
        else _deliverGhost(place, gasleft());
    }

    /// @param gas_ What the relayer gives the delivery.
    function _deliverGhost(uint256 place, uint256 gas_) internal {
        GhostMessage storage it = messageList[place];
        Deployment storage c = _chain(it.to);
        uint256 before = _etherAt(it.to, address(c.collateral));
        bool starved = gas_ < gasleft() / 2;
        vm.recordLogs();
        try c.mailbox.process{gas: gas_}("", it.raw) {
            _expect(!it.delivered, "2: a message delivered twice");
            it.delivered = true;
            if (it.isReport) {
                uint256 handed = _applyReport(it, vm.getRecordedLogs());
                _expect(before - _etherAt(it.to, address(c.collateral)) == handed, "5: handed out another amount");
                ++counts["deliver report"];
            } else {
                _applyVerdicts(it);
                ++counts["deliver verdicts"];
            }
        } catch {
            bool refused_ = it.delivered || isms[c.domain].refusing();
            _expect(refused_ || starved, "3: a message that cannot be delivered");
            ++counts[refused_ ? "deliver refused" : "deliver starved"];
        }
    }

    function _applyReport(GhostMessage storage it, Vm.Log[] memory logs) internal returns (uint256 handed) {
        uint8 at = it.to;
        for (uint256 i; i < it.ids.length; ++i) {
            bytes32 id = it.ids[i];
            Fill memory facts = abi.decode(it.facts[i], (Fill));
            uint256 place = orderPlace[id];
            if (place == 0) {
                if (block.timestamp > facts.order.openBy) {
                    refused[at][id] = true;
                    ++counts["refuse"];
                }
                continue;
            }
            GhostOrder storage order = orderList[place - 1];
            if (order.state == OrderState.Open || order.state == OrderState.Expired) {
                ++counts[order.state == OrderState.Open ? "settle" : "settle expired"];
                if (_refuses(at, facts.beneficiary)) ++counts["push refused"];
                else handed += facts.ask;
                _recordSettled(at, order, facts, _heldIn(logs, id));
            } else if (
                order.state == OrderState.Sold && order.readyAt != 0 && facts.filledAt <= facts.order.exclusiveUntil
            ) {
                lockedBond[at][facts.order.solver] -= order.locked;
                order.locked = 0;
                _recordHeldEnd(order, 0);
                ++counts["free bond"];
            }
        }
    }

    function _heldIn(Vm.Log[] memory logs, bytes32 id) internal pure returns (uint256 amount) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == ICollateralEscrow.BondHeld.selector && logs[i].topics[1] == id) {
                (amount,) = abi.decode(logs[i].data, (uint256, uint64));
            }
        }
    }

    function _applyVerdicts(GhostMessage storage it) internal {
        for (uint256 i; i < it.ids.length; ++i) {
            uint256 place = paymentPlace[it.ids[i]];
            if (place == 0 || paymentList[place - 1].state != PaymentState.Filled) continue;
            paymentList[place - 1].state = it.accepted[i] ? PaymentState.Accepted : PaymentState.Refused;
        }
    }

    /// @notice Releases or refunds a payment, rightly or not.
    function end(uint256 seed) external live {
        if (paymentList.length != 0) _end(_recent(seed >> 8, paymentList.length, 8), seed & 3);
    }

    /// @param how 0: release, 1: release as one of many, else: refund.
    function _end(uint256 place, uint256 how) internal {
        GhostPayment storage it = paymentList[place];
        Fill memory facts = abi.decode(it.facts, (Fill));
        RepaymentEscrow escrow = _chain(it.at).repayment;
        bool away = how < 2 && facts.order.bridge != address(0);
        address to = away ? address(bridge) : how < 2 ? vaultTreasury : facts.payer;
        uint256 fee = away ? bridge.fee() : 0;
        uint256 before = _dollarsAt(it.at, to);
        bool ok;
        vm.prank(keeper);
        if (how == 0) (ok,) = address(escrow).call{value: fee}(abi.encodeCall(escrow.release, (facts)));
        else if (how == 1) (ok,) = address(escrow).call{value: fee}(abi.encodeCall(escrow.releaseMany, (_one(facts))));
        else (ok,) = address(escrow).call(abi.encodeCall(escrow.refund, (facts)));
        if (!ok) {
            bool kept_ = away && it.state == PaymentState.Accepted && !_strikes(it.at);
            _expect(!kept_ || bridge.refusing(), "3: an accepted payment that cannot be released");
            ++counts[kept_ ? "bridge refused" : "end refused"];
            return;
        }
        if (away) {
            _expect(!bridge.refusing(), "3: released into a bridge that refused");
            bridged[it.at] += _net(it.at, facts.order.payAmount);
            ++counts["release over the bridge"];
        }
        _expect(it.state == (how < 2 ? PaymentState.Accepted : PaymentState.Refused), "3: an end without its verdict");
        _expect(_dollarsAt(it.at, to) - before == _net(it.at, facts.order.payAmount), "3: another amount than was paid");
        it.state = how < 2 ? PaymentState.Released : PaymentState.Refunded;
        ++it.ends;
        paidIn[it.at] -= facts.order.payAmount;
        ++counts[how < 2 ? "release" : "refund"];
        if (_charges(it.at)) ++counts["end less a charge"];
    }

    /// @notice The bridge delivers some of what it carries, more or less of it than is awaited by now, or starts to
    /// refuse. What it never delivers is lost, and the vault writes it off.
    function carry(uint256 seed) external live {
        uint256 what = seed & 7;
        if (what == 0) {
            bridge.setRefusing(seed >> 3 & 1 == 0);
            ++counts["bridge changed"];
            return;
        }
        if (_strikes(0) || _strikes(1)) return;
        uint256 under = bridged[PAYS_BY_BRIDGE] - carried[PAYS_BY_BRIDGE];
        // From 18 decimals to 6: what is less than a unit at home stays in the bridge.
        uint256 units = under / 1e12;
        if (units != 0) {
            units = what < 4 ? units : 1 + (seed >> 8) % units;
            carried[PAYS_BY_BRIDGE] += units * 1e12;
            vm.prank(address(bridge));
            pay.dollar.transfer(address(0xdead), units * 1e12);
            home.dollar.mint(address(receiver), units);
            ghosts[0].arrived += units;
            ++counts["bridge delivers"];
        }
        GhostAccounts storage ghost = ghosts[0];
        uint256 expected = Math.min(ghost.arrived, ghost.away + ghost.writtenOff);
        try receiver.forward() returns (uint256 amount) {
            _expect(amount == expected && amount != 0, "4: forwarded another amount than awaited");
            ghost.arrived -= amount;
            _recordArrival(ghost, amount);
            ++counts["bridge forwards"];
        } catch {
            _expect(expected == 0, "4: money at the receiver that cannot be forwarded");
        }
    }

    function _recordArrival(GhostAccounts storage ghost, uint256 amount) internal {
        uint256 counted = Math.min(ghost.away, amount);
        ghost.away -= counted;
        ghost.writtenOff -= amount - counted;
        ghost.reserve += amount - counted;
    }

    // ---- home sales ----

    /// @notice Expires, buys, or forfeits, if it can be.
    function sell(uint256 seed) external live {
        if (orderList.length == 0) return;
        GhostOrder storage it = orderList[_recent(seed >> 8, orderList.length, 8)];
        if (it.state == OrderState.Open) _expire(it);
        else if (it.state == OrderState.Expired) _buy(it);
        else _forfeit(it);
    }

    function _expire(GhostOrder storage it) internal {
        Order memory order = abi.decode(it.encoding, (Order));
        try _chain(it.at).collateral.expire(order) {
            _expect(block.timestamp > order.expiresAt, "2: expired before its time");
            it.state = OrderState.Expired;
            ghosts[it.at].receivables -= _debtOf(order);
            ghosts[it.at].lots += _debtOf(order);
            ++counts["expire"];
        } catch {
            ++counts["expire refused"];
        }
    }

    function _buy(GhostOrder storage it) internal {
        Order memory order = abi.decode(it.encoding, (Order));
        uint256 before = _dollarsAt(it.at, stranger);
        vm.prank(stranger);
        try _chain(it.at).collateral.buy(order, 0, type(uint256).max, stranger) returns (uint256 lot, uint256 price) {
            _expect(before - _dollarsAt(it.at, stranger) == price, "5: paid another price");
            _expect(lot <= it.seized && price <= _debtOf(order), "5: a sale outside its bounds");
            _recordSold(it, lot, price, stranger);
            ++counts["buy"];
        } catch {
            ++counts["buy refused"];
        }
    }

    function _forfeit(GhostOrder storage it) internal {
        Order memory order = abi.decode(it.encoding, (Order));
        Deployment storage c = _chain(it.at);
        uint256 vault = _dollarsAt(it.at, address(c.vault));
        uint256 bounties = _dollarsAt(it.at, it.bountyTo);
        try c.collateral.forfeit(order) returns (uint256 amount, uint256 bounty) {
            _expect(it.readyAt != 0 && block.timestamp >= it.readyAt, "7: a forfeit before its time, or of nothing");
            _expect(amount == it.locked, "7: another forfeit than what was held");
            vault = _dollarsAt(it.at, address(c.vault)) - vault;
            _expect(vault == _net(it.at, amount - bounty), "7: a forfeit that went elsewhere");
            bounties = _dollarsAt(it.at, it.bountyTo) - bounties;
            _expect(bounties == _net(it.at, _net(it.at, bounty)), "7: a bounty that went elsewhere");
            bonded[it.at][order.solver] -= it.locked;
            lockedBond[it.at][order.solver] -= it.locked;
            it.locked = 0;
            _recordHeldEnd(it, vault);
            ++counts["forfeit"];
        } catch {
            ++counts["forfeit refused"];
        }
    }

    // ---- surplus, fallback ----

    /// @notice Gives a position its surplus back, or the treasury claims its credit.
    function give(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        if (seed & 6 == 0) _claim(at, _claimant((seed >> 3) % 5));
        else _return(at, (seed >> 8) % PLACES);
    }

    function _claimant(uint256 i) internal view returns (address) {
        if (i < 3) return _solverAt(i).payout;
        return i == 3 ? stranger : protocolTreasury;
    }

    /// @dev To another address: the own one may be what the token refuses.
    function _claim(uint8 at, address account) internal {
        Deployment storage c = _chain(at);
        address elsewhere = address(0xc1a1);
        uint256 before = _etherAt(at, elsewhere);
        uint256 credit = creditOf[at][account];
        vm.prank(account);
        try c.collateral.claim(address(c.ether_), elsewhere) returns (uint256 amount) {
            _expect(amount == credit, "1: another claim than the credit");
            _expect(_etherAt(at, elsewhere) - before == credit, "1: a claim that went elsewhere");
            ghosts[at].credits -= credit;
            creditOf[at][account] = 0;
            ++counts[account == protocolTreasury ? "claim" : "claim of a refused push"];
        } catch {
            _expect(credit == 0, "1: a credit that cannot be claimed");
        }
    }

    function _return(uint8 at, uint256 place) internal {
        Deployment storage c = _chain(at);
        bytes memory position = _position(place);
        bytes32 key = _positionKey(position);
        uint256 before = c.adapter.returned(keccak256(position));
        try c.collateral.returnSurplus(MARKET, position, address(c.ether_)) returns (uint256 amount) {
            _expect(amount == surplusOf[at][key], "8: another surplus than the borrower's");
            _expect(c.adapter.returned(keccak256(position)) - before == amount, "8: surplus that went elsewhere");
            ghosts[at].surplus -= surplusOf[at][key];
            surplusOf[at][key] = 0;
            ++counts["return surplus"];
        } catch {
            bool normal = c.adapter.mode() == MockLendingAdapter.Mode.Normal;
            _expect(!normal || surplusOf[at][key] == 0, "1: surplus that cannot be returned");
        }
    }

    /// @notice Flags, clears or takes a position, rightly or not.
    function fallBack(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        bytes memory position = _position((seed >> 8) % PLACES);
        uint256 what = seed >> 1 & 3;
        if (what == 0) _flag(at, position);
        else if (what == 1) _clear(at, position);
        else _take(at, (seed >> 8) % PLACES, position);
    }

    function _flag(uint8 at, bytes memory position) internal {
        Deployment storage c = _chain(at);
        (,, uint256 allowed,,) = c.adapter.assess(position);
        try c.collateral.flag(MARKET, position) {
            _expect(allowed != 0, "6: a healthy position flagged");
            flagged[at][_positionKey(position)] = block.timestamp;
            // An account returns for it, more often than chance would have it.
            if (uint256(keccak256(abi.encode(clock))) & 1 == 0) clock += 300 + clock % 700;
            ++counts["flag"];
        } catch {}
    }

    function _clear(uint8 at, bytes memory position) internal {
        Deployment storage c = _chain(at);
        (,,,, uint256 health) = c.adapter.assess(position);
        try c.collateral.clear(MARKET, position) {
            _expect(health >= 1e18, "6: an unhealthy position cleared");
            flagged[at][_positionKey(position)] = 0;
            ++counts["clear"];
        } catch {}
    }

    function _take(uint8 at, uint256 place, bytes memory position) internal {
        Deployment storage c = _chain(at);
        Before memory before = _before(at, place);
        bytes32 key = _positionKey(position);
        uint256 dollars = _dollarsAt(at, stranger);
        vm.prank(stranger);
        try c.collateral.take(MARKET, position, 0, type(uint256).max, stranger) returns (uint256 repaid, uint256 lot) {
            uint256 from = flagged[at][key] + 300;
            _expect(flagged[at][key] != 0 && block.timestamp >= from, "6: taken unflagged, or early");
            _expect(block.timestamp <= from + 1200, "6: taken on a lapsed flag");
            _expect(dollars - _dollarsAt(at, stranger) == repaid && repaid <= before.allowed, "5: a take's payment");
            uint256 kept_ = _etherAt(at, address(c.collateral)) - before.collateral;
            // The protocol hands out the debt's part of the seizable amount, neither more nor less.
            _expect(kept_ + lot <= before.seizable * repaid / before.allowed, "8: a take above the bonus");
            _recordSurplus(at, key, kept_);
            etherOf[at][stranger] += lot;
            _recordSeizure(at, position, before);
            ++counts["take"];
        } catch {}
    }

    // ---- lenders ----

    /// @notice Money comes into a vault and leaves it, in all the ways there are.
    function lend(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        uint256 what = seed >> 1 & 7;
        if (what == 0) _deposit(at, _dollars(_chain(at), 1 + (seed >> 8) % 50_000));
        else if (what == 1) _requestRedeem(at, 1 + (seed >> 8) % 20);
        else if (what == 2) _redeem(at);
        else if (what == 3) _bringHome(at, seed >> 8);
        else if (what == 4) _fundReserve(at, _dollars(_chain(at), 1 + (seed >> 8) % 100));
        else if (what == 5) _claimReimbursement(at);
        else if (what == 6) _loseAway(at, seed >> 8);
        else _chain(at).vault.setReimbursement(_chain(1 - at).domain, uint128((seed >> 8) % _dollars(_chain(at), 2)));
    }

    function _deposit(uint8 at, uint256 amount) internal {
        Deployment storage c = _chain(at);
        c.dollar.mint(lender, amount);
        vm.prank(lender);
        try c.vault.deposit(amount, lender) {
            ghosts[at].deposits += amount;
            ++counts["deposit"];
        } catch {}
    }

    function _requestRedeem(uint8 at, uint256 divisor) internal {
        Deployment storage c = _chain(at);
        uint256 shares = c.vault.balanceOf(lender) / divisor / 4;
        vm.prank(lender);
        try c.vault.requestRedeem(shares, lender, lender) {
            ++counts["request redeem"];
        } catch {}
    }

    function _redeem(uint8 at) internal {
        Deployment storage c = _chain(at);
        uint256 shares = c.vault.maxRedeem(lender);
        uint256 most = c.vault.redemptionValue(shares);
        (uint256 before, uint256 had) = (_dollarsAt(at, address(c.vault)), _dollarsAt(at, lender));
        vm.prank(lender);
        try c.vault.redeem(shares, lender, lender) {
            uint256 sent = before - _dollarsAt(at, address(c.vault));
            _expect(_dollarsAt(at, lender) - had == _net(at, sent), "4: a redemption that went elsewhere");
            _expect(sent <= most, "4: redeemed above the price");
            ghosts[at].redemptions += sent;
            ++counts["redeem"];
        } catch {}
    }

    /// @dev A bridge delivers what it was given, or another account more than is awaited.
    function _bringHome(uint8 at, uint256 seed) internal {
        Deployment storage c = _chain(at);
        GhostAccounts storage ghost = ghosts[at];
        uint256 awaited = ghost.away + ghost.writtenOff;
        uint256 amount = seed & 7 == 0 ? awaited + 1 : 1 + seed % (awaited + 1);
        c.dollar.mint(address(this), amount);
        c.dollar.approve(address(c.vault), amount);
        try c.vault.bringHome(_chain(1 - at).domain, amount) {
            _expect(amount <= awaited, "4: more came home than was away");
            _recordArrival(ghost, amount);
            ++counts["bring home"];
        } catch {}
    }

    function _fundReserve(uint8 at, uint256 amount) internal {
        if (_strikes(at)) return;
        Deployment storage c = _chain(at);
        c.dollar.mint(address(this), amount);
        c.dollar.approve(address(c.vault), amount);
        c.vault.fundReserve(amount);
        ghosts[at].reserve += amount;
        ++counts["fund reserve"];
    }

    function _claimReimbursement(uint8 at) internal {
        Deployment storage c = _chain(at);
        (uint256 before, uint256 had) = (_dollarsAt(at, address(c.vault)), _dollarsAt(at, keeper));
        vm.prank(keeper);
        try c.vault.claimReimbursement(keeper) {
            uint256 sent = before - _dollarsAt(at, address(c.vault));
            _expect(_dollarsAt(at, keeper) - had == _net(at, sent), "4: a reimbursement that went elsewhere");
            ghosts[at].reimbursed += sent;
            ++counts["claim reimbursement"];
        } catch {}
    }

    /// @dev Money away is impaired, in earnest or not; now and then it is given up, or more than there is.
    function _loseAway(uint8 at, uint256 seed) internal {
        GhostAccounts storage ghost = ghosts[at];
        Deployment storage c = _chain(at);
        if (ghost.away == 0) return;
        uint256 amount = 1 + (seed >> 2) % (ghost.away + ghost.away / 4);
        if (seed & 3 != 0) {
            c.vault.impair(_chain(1 - at).domain, seed & 3 == 1 ? 0 : amount);
            ++counts["impair"];
            return;
        }
        c.vault.writeOff(MARKET, _chain(1 - at).domain, amount);
        amount = Math.min(amount, ghost.away);
        ghost.away -= amount;
        ghost.writtenOff += amount;
        _recordLoss(at, amount);
        ++counts["write off"];
    }

    // ---- bonds, and trouble ----

    /// @notice A solver adds to its bond, takes from it, or cancels its quotes.
    function bond(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        Deployment storage c = _chain(at);
        address account = _solverAt((seed >> 8) % 3).account;
        uint256 what = seed >> 1 & 3;
        uint256 amount = _dollars(c, 1 + (seed >> 16) % 40_000);
        (uint256 before, uint256 had) = (_dollarsAt(at, address(c.bonds)), _dollarsAt(at, account));
        vm.prank(account);
        if (what == 0) {
            try c.bonds.deposit(account, address(c.dollar), amount) {
                bonded[at][account] += _net(at, amount);
                ++counts["bond"];
            } catch {}
        } else if (what == 1) {
            c.bonds.requestWithdrawal(address(c.dollar), uint128(amount));
        } else if (what == 2) {
            try c.bonds.withdraw(address(c.dollar), account) {
                uint256 sent = before - _dollarsAt(at, address(c.bonds));
                _expect(_dollarsAt(at, account) - had == _net(at, sent), "7: a withdrawal that went elsewhere");
                bonded[at][account] -= sent;
                ++counts["unbond"];
            } catch {}
        } else {
            c.bonds.raiseEpoch();
            ++counts["raise epoch"];
        }
    }

    /// @notice The market pauses, a module refuses messages, a solver's money goes or comes, the protocol takes less or
    /// reverts, the collateral token refuses a payout in one of six ways, the debt token stops or charges, an account
    /// makes gifts.
    function disturb(uint256 seed) external live {
        uint8 at = uint8(seed & 1);
        Deployment storage c = _chain(at);
        uint256 what = (seed >> 1) % 7;
        bool bad = seed >> 8 & 7 == 0;
        _setStrike(at, 0); // or nothing else would happen for most of a run
        if (what == 0) {
            if (bad) c.registry.pause(MARKET);
            else c.registry.unpause(MARKET);
        } else if (what == 1) {
            isms[c.domain].setRefusing(bad);
        } else if (what == 2) {
            address account = _solverAt((seed >> 16) % 3).account;
            uint256 balance = _dollarsAt(at, account);
            vm.prank(account);
            if (bad) c.dollar.transfer(address(0xdead), balance);
            else c.dollar.approve(address(c.bonds), type(uint256).max);
            if (!bad && balance == 0) c.dollar.mint(account, _dollars(c, 1_000_000));
        } else if (what == 3) {
            c.adapter.setTaken(bad ? 2000 : 5000 + (seed >> 16) % 5001);
            c.adapter.setMode(seed >> 11 & 7 == 0 ? MockLendingAdapter.Mode.Reverting : MockLendingAdapter.Mode.Normal);
        } else if (what == 4) {
            uint256 mood = seed >> 11 & 3 == 0 ? (seed >> 13) % 7 : 0;
            MoodyToken(address(c.ether_)).setMood(_claimant((seed >> 16) % 3), MoodyToken.Mood(mood));
            if (mood != 0) ++counts["token refuses"];
        } else if (what == 5) {
            _setStrike(at, 1 + (seed >> 16) % 3);
            ++counts[_charges(at) ? "debt token charges" : "debt token strikes"];
        } else {
            c.ether_.mint(address(c.collateral), seed % 1 ether);
            c.dollar.mint(address(c.repayment), seed % 1e6);
            ghosts[at].donated += seed % 1 ether;
            gifts[at] += seed % 1e6;
        }
        ++counts["disturb"];
    }

    function _setStrike(uint8 at, uint256 strike) internal {
        StrikingToken(address(_chain(at).dollar)).setStrike(StrikingToken.Strike(strike));
    }

    function _strikes(uint8 at) internal view returns (bool) {
        return StrikingToken(address(_chain(at).dollar)).strike() != StrikingToken.Strike.None;
    }

    // ---- the end ----

    /// @notice With live messaging everything ends, regardless of what was dropped before, and even while the market is
    /// paused.
    function windDown() external live {
        clock += 1 days;
        vm.warp(clock);
        for (uint8 at; at < CHAINS; ++at) {
            isms[_chain(at).domain].setRefusing(false);
            _chain(at).adapter.setMode(MockLendingAdapter.Mode.Normal);
            _setStrike(at, 0);
        }
        bridge.setRefusing(false);
        for (uint256 i; i < paymentList.length; ++i) {
            _endWithMessages(i);
        }
        for (uint256 i; i < orderList.length; ++i) {
            if (orderList[i].state == OrderState.Open) _expire(orderList[i]);
            if (orderList[i].state == OrderState.Expired) _buy(orderList[i]);
        }
        clock += 7 days;
        vm.warp(clock);
        for (uint256 i; i < orderList.length; ++i) {
            if (orderList[i].readyAt != 0) _forfeit(orderList[i]);
        }
        for (uint8 at; at < CHAINS; ++at) {
            for (uint256 place; place < PLACES; ++place) {
                _return(at, place);
            }
            for (uint256 i; i < 5; ++i) {
                _claim(at, _claimant(i));
            }
            _checkEnd(at);
        }
        for (uint256 i; i < paymentList.length; ++i) {
            assertEq(paymentList[i].ends, 1, "3: neither released nor refunded");
        }
    }

    function _endWithMessages(uint256 place) internal {
        GhostPayment storage it = paymentList[place];
        if (it.state == PaymentState.Filled) {
            _sendReport(it.at, _one(abi.decode(it.facts, (Fill))));
            _deliverGhost(messageList.length - 1, gasleft());
            _sendVerdicts(1 - it.at, _one(it.id));
            _deliverGhost(messageList.length - 1, gasleft());
        }
        if (it.state == PaymentState.Accepted) _end(place, 0);
        if (it.state == PaymentState.Refused) _end(place, 2);
    }

    function _checkEnd(uint8 at) internal view {
        Deployment storage c = _chain(at);
        GhostAccounts storage ghost = ghosts[at];
        assertEq(c.ether_.balanceOf(address(c.collateral)), ghost.donated, "1: collateral stayed");
        assertEq(c.dollar.balanceOf(address(c.repayment)), gifts[at], "3: payments stayed");
        assertEq(c.vault.receivables() + c.vault.lots() + c.vault.openClaims(), 0, "4: principal stayed open");
        for (uint256 i; i < 3; ++i) {
            assertEq(c.bonds.lockedOf(_solverAt(i).account, address(c.dollar)), 0, "7: bonds stayed locked");
        }
    }

    function _recent(uint256 seed, uint256 length, uint256 window) internal pure returns (uint256) {
        return length - 1 - seed % Math.min(length, seed >> 32 & 3 == 0 ? length : window);
    }
}
