// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Handler} from "./Handler.sol";
import {Test} from "forge-std/Test.sol";

/// @title A cheat code that forge-std is too old to know: gives the test its gas limit anew.
interface IGas {
    function resetGasMetering() external;
}

/// @title The eight invariants of Gavel's protocol, held against ghost accounting after every action.
/// @notice One campaign, since forge walks anew for each invariant function; messages begin with the invariant's number.
contract InvariantsTest is Test {
    Handler internal handler;
    bytes4[] internal actions;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        actions = [
            handler.wait.selector,
            handler.move.selector,
            handler.land.selector,
            handler.landKept.selector,
            handler.fill.selector,
            handler.report.selector,
            handler.sendVerdicts.selector,
            handler.deliver.selector,
            handler.end.selector,
            handler.sell.selector,
            handler.give.selector,
            handler.fallBack.selector,
            handler.lend.selector,
            handler.bond.selector,
            handler.disturb.selector
        ];
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    function invariant_gavel() public {
        if (handler.faultCount() != 0) assertEq(handler.faults(0), "");
        handler.check();
    }

    /// @notice At the end of every run: everything that began ends, and nothing stays behind.
    function afterInvariant() public {
        handler.windDown();
        invariant_gavel();
        emit log_named_uint("last run: opened", handler.counts("open"));
        emit log_named_uint("last run: liquidated", handler.counts("liquidate"));
        emit log_named_uint("last run: paid", handler.counts("fill") + handler.counts("fill public"));
        emit log_named_uint("last run: settled", handler.counts("settle") + handler.counts("settle expired"));
        emit log_named_uint("last run: sold", handler.counts("buy"));
        emit log_named_uint("last run: taken", handler.counts("take"));
    }

    /// @notice A long walk, always the same, in which every action that matters must have succeeded.
    function test_theHandlerReachesEverything() public {
        uint256 seed = 1;
        for (uint256 i; i < 6000; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (bool ok,) = address(handler).call(abi.encodeWithSelector(actions[seed % actions.length], seed >> 8));
            assertTrue(ok, "an action reverted");
            if (i % 20 == 0) invariant_gavel();
            IGas(address(vm)).resetGasMetering();
        }
        afterInvariant();
        string[35] memory all = [
            "open",
            "liquidate",
            "fill",
            "fill public",
            "settle",
            "settle expired",
            "refuse",
            "release",
            "refund",
            "expire",
            "buy",
            "forfeit",
            "free bond",
            "land refused",
            "land passed over",
            "fill refused",
            "deliver refused",
            "fade",
            "keep",
            "report",
            "verdicts",
            "verdicts refused",
            "end refused",
            "claim",
            "return surplus",
            "flag",
            "clear",
            "take",
            "deposit",
            "redeem",
            "bring home",
            "claim reimbursement",
            "write off",
            "unbond",
            "raise epoch"
        ];
        for (uint256 i; i < all.length; ++i) {
            emit log_named_uint(all[i], handler.counts(all[i]));
        }
        for (uint256 i; i < all.length; ++i) {
            assertGt(handler.counts(all[i]), 0, all[i]);
        }
    }
}
