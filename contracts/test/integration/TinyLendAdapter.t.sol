// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {TinyLend} from "../../examples/TinyLend.sol";
import {TinyLendAdapter} from "../../examples/TinyLendAdapter.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IAggregator} from "../../src/interfaces/external/IAggregator.sol";
import {AdapterCompliance} from "../adapters/AdapterCompliance.sol";

/// @notice The integrator's worked example under the suite that every adapter passes: all an integrator has to write.
contract TinyLendAdapterTest is AdapterCompliance {
    TinyLend internal lend;
    address internal borrower = makeAddr("borrower");

    function setUp() public {
        vm.warp(1_700_000_000);
        collateral = new TestToken("Collateral", "COL", 18, address(this));
        debt = new TestToken("Loan", "LOAN", 6, address(this));
        openingPrice = 2000e8;
        collateralFeed = new PriceFeed("COL / USD", 8, openingPrice, address(this));
        debtFeed = new PriceFeed("LOAN / USD", 8, 1e8, address(this));
        lend = new TinyLend(collateral, debt, IAggregator(address(collateralFeed)), IAggregator(address(debtFeed)));
        adapter = new TinyLendAdapter(lend, ESCROW, BAD_DEBT, MAX_PRICE_AGE);
        lend.setLiquidator(address(adapter));
        debt.mint(address(lend), 1_000_000e6);
        _openLoan(borrower, 10e18, 15_000e6);
        position = abi.encode(borrower);
        bonus = 10_500;
        (softPrice, deepPrice) = (9300, 6000);
    }

    function _openLoan(address who, uint128 amount, uint128 borrowed) internal {
        collateral.mint(who, amount);
        vm.startPrank(who);
        collateral.approve(address(lend), amount);
        lend.supply(who, amount);
        lend.borrow(borrowed);
        vm.stopPrank();
    }

    // ---- what the suite cannot know: TinyLend's own gate and encoding ----

    function test_TheGateLeavesShallowPositionsToTheAdapter() public {
        setPrice(softPrice);
        assertGe(lend.healthOf(borrower), lend.OPEN_BELOW());
        vm.expectRevert(abi.encodeWithSelector(TinyLend.Gated.selector, address(this)));
        lend.liquidate(borrower, 1e6);
        liquidate(1000e6);
    }

    function test_DeepPositionsAreOpenToAll() public {
        setPrice(8800);
        assertLt(lend.healthOf(borrower), lend.OPEN_BELOW());
        debt.mint(address(this), 1e6);
        debt.approve(address(lend), 1e6);
        (uint256 repaid,) = lend.liquidate(borrower, 1e6);
        assertEq(repaid, 1e6);
    }

    function test_DirtyBorrowerWordIsRefused() public {
        bytes memory dirty = abi.encode(uint256(uint160(borrower)) | 1 << 160);
        vm.expectRevert(ProtocolAdapter.NonCanonicalPosition.selector);
        adapter.assess(dirty);
    }

    function test_OneTokenOnBothSidesIsNotServed() public {
        TinyLend same = new TinyLend(debt, debt, IAggregator(address(debtFeed)), IAggregator(address(debtFeed)));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.SameAsset.selector, debt));
        new TinyLendAdapter(same, ESCROW, BAD_DEBT, MAX_PRICE_AGE);
    }

    function testFuzz_AnyLoan(uint128 amount, uint256 part, uint256 price) public {
        borrower = makeAddr("another borrower");
        position = abi.encode(borrower);
        amount = uint128(bound(amount, 1e12, 600e18));
        uint256 most = uint256(amount) * 1500e6 / 1e18;
        _openLoan(borrower, amount, uint128(bound(part, most / 2 + 1, most)));
        setPrice(bound(price, 50, 10_000));
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        if (repay == 0) assertGe(health, 1e18);
        else _liquidateAsAssessed();
    }

    // ---- TinyLend itself ----

    function test_BorrowersRepayAndWithdraw() public {
        debt.mint(address(this), 20_000e6);
        debt.approve(address(lend), 20_000e6);
        vm.startPrank(borrower);
        vm.expectRevert(abi.encodeWithSelector(TinyLend.TooMuchDebt.selector, 15_000e6, 14_998_500_000));
        lend.withdraw(0.001e18);
        vm.expectRevert(abi.encodeWithSelector(TinyLend.TooMuchDebt.selector, 15_000e6 + 1, 15_000e6));
        lend.borrow(1);
        vm.stopPrank();
        lend.repay(borrower, 20_000e6);
        assertEq(debt.balanceOf(address(this)), 5000e6, "no more than the debt");
        vm.prank(borrower);
        lend.withdraw(10e18);
        assertEq(collateral.balanceOf(borrower), 10e18);
    }

    function test_TheLiquidatorIsNamedOnceByTheDeployer() public {
        vm.expectRevert(TinyLend.LiquidatorAlreadySet.selector);
        lend.setLiquidator(address(this));
        vm.prank(borrower);
        vm.expectRevert(TinyLend.OnlyDeployer.selector);
        lend.setLiquidator(borrower);
    }

    function test_NobodyLiquidatesTheHealthy() public {
        uint256 health = lend.healthOf(borrower);
        vm.expectRevert(abi.encodeWithSelector(TinyLend.Healthy.selector, health));
        lend.liquidate(borrower, 1);
    }
}
