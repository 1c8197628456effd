// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {InvariantRun} from "./InvariantRun.sol";

/// @title The eight invariants of Gavel's protocol, held against ghost accounting.
/// @notice One campaign, since forge starts new runs for each invariant function; messages begin with the invariant's
/// number.
contract InvariantsTest is InvariantRun {
    function setUp() public override {
        super.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    function invariant_gavel() public {
        _check();
    }

    /// @notice At the end of every run: everything that began ends, and nothing stays behind.
    function afterInvariant() public {
        _end();
        emit log_named_uint("last run: opened", handler.counts("open"));
        emit log_named_uint("last run: liquidated", handler.counts("liquidate"));
        emit log_named_uint("last run: paid", handler.counts("fill") + handler.counts("fill public"));
        emit log_named_uint("last run: settled", handler.counts("settle") + handler.counts("settle expired"));
        emit log_named_uint("last run: sold", handler.counts("buy"));
        emit log_named_uint("last run: taken", handler.counts("take"));
    }

    /// @notice A long run, always the same, in which every action that matters must have succeeded.
    function test_theHandlerReachesEverything() public {
        uint256 seed = 1;
        for (uint256 i; i < 9000; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed);
            if (i % 20 == 0) _check();
        }
        afterInvariant();
        string[51] memory all = [
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
            "impair",
            "write off",
            "unbond",
            "raise epoch",
            "land many",
            "batch item skipped",
            "batch with skipped and tried",
            "deliver starved",
            "push refused",
            "token refuses",
            "debt token strikes",
            "debt token charges",
            "end less a charge",
            "claim of a refused push",
            "release over the bridge",
            "bridge refused",
            "bridge delivers",
            "bridge forwards",
            "bridge changed"
        ];
        for (uint256 i; i < all.length; ++i) {
            emit log_named_uint(all[i], handler.counts(all[i]));
        }
        for (uint256 i; i < all.length; ++i) {
            assertGt(handler.counts(all[i]), 0, all[i]);
        }
    }
}
